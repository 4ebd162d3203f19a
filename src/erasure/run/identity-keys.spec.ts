import { describe, expect, it } from '@jest/globals';
import { type IdentityKey } from '../../stores/store.js';
import { type IdentityClaim } from '../../users/user-directory.service.js';
import { identityKeys } from './identity-keys.js';

const account = 'a'.repeat(24);
const owner = { userId: 'u-jane', accountId: account, bots: ['st-a', 'st-b'] };
const claim = (
  userId: string,
  botId: string | null,
  pair = 'facebook|4477',
  accountId = account,
): IdentityClaim => {
  const [channelId = '', channelUserId = ''] = pair.split('|');
  return { userId, botId, accountId, channelId, channelUserId };
};
const key = (bots: string[] | null, more: Partial<IdentityKey> = {}): IdentityKey => ({
  channelId: 'facebook',
  channelUserId: '4477',
  bots,
  sharedBots: [],
  joinedSharedBots: [],
  ...more,
});

describe('identity keys', () => {
  it('count for the bots of their claims', () => {
    const claims = [claim('u-jane', 'st-a'), claim('u-jane', 'st-b')];
    expect(identityKeys(owner, [], claims)).toEqual([key(['st-a', 'st-b'])]);
    expect(identityKeys(owner, [], [...claims, claim('u-jane', null)])).toEqual([key(null)]);
  });

  it('are shared only for a bot for which they count for both', () => {
    expect(identityKeys(owner, [], [claim('u-jane', 'st-a'), claim('u-joe', 'st-b')])).toEqual([
      key(['st-a']),
    ]);
    expect(identityKeys(owner, [], [claim('u-jane', null), claim('u-joe', 'st-b')])).toEqual([
      key(null, { sharedBots: ['st-b'] }),
    ]);
    expect(identityKeys(owner, [], [claim('u-jane', 'st-a'), claim('u-joe', null)])).toEqual([
      key(['st-a'], { sharedBots: ['st-a'] }),
    ]);
  });

  it("do not care for another account's users, unless they claim a covered bot", () => {
    const theirs = 'b'.repeat(24);
    const own = claim('u-jane', null);
    expect(identityKeys(owner, [], [own, claim('u-x', null, 'facebook|4477', theirs)])).toEqual([key(null)]);
    expect(identityKeys(owner, [], [own, claim('u-x', 'st-a', 'facebook|4477', theirs)])).toEqual([
      key(null, { sharedBots: ['st-a'] }),
    ]);
  });

  it('that only look alike when joined are shared as joined', () => {
    const claims = [
      claim('u-jane', null, '5f1e/genesys|conv-9'),
      claim('u-joe', 'st-a', '5f1e|genesys/conv-9'),
    ];
    expect(identityKeys(owner, [], claims)).toEqual([
      {
        channelId: '5f1e/genesys',
        channelUserId: 'conv-9',
        bots: null,
        sharedBots: [],
        joinedSharedBots: ['st-a'],
      },
    ]);
  });

  it('keep what was stored at planning, also once the directory has forgotten it', () => {
    const stored = [key(['st-a'], { sharedBots: ['st-a'] })];
    expect(identityKeys(owner, stored, [])).toEqual(stored);
    expect(identityKeys(owner, stored, [claim('u-jane', 'st-b')])).toEqual([
      key(['st-a', 'st-b'], { sharedBots: ['st-a'] }),
    ]);
  });

  it('of someone in no directory are shared with whoever has come to claim them', () => {
    expect(identityKeys({ ...owner, userId: null }, [key(null)], [claim('u-joe', 'st-b')])).toEqual([
      key(null, { sharedBots: ['st-b'] }),
    ]);
  });

  it('are shared in an account without bots as well, though not with those of other accounts', () => {
    const nowhere = { ...owner, bots: [] };
    const [mine, joes] = [claim('u-jane', null), claim('u-joe', null)];
    expect(identityKeys(nowhere, [], [mine, joes])[0]?.sharedBots).toHaveLength(1);
    expect(identityKeys(nowhere, [], [mine, { ...joes, accountId: 'z'.repeat(24) }])).toEqual([key(null)]);
  });
});
