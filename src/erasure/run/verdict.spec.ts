import { describe, expect, it } from '@jest/globals';
import { type PersonKeys, type RemainingRows } from '../../stores/store.js';
import { hasNewIdentity } from './current-keys.service.js';
import { verdictOf } from './verdict.js';

const person = (id: string): PersonKeys => ({
  person: id,
  userId: `u-${id}`,
  email: null,
  enterpriseId: null,
  identities: [],
  lost: [],
  inDirectory: true,
});
const left = (id: string, reason: RemainingRows['reason']): RemainingRows => ({
  person: id,
  collection: 'platform.messages',
  reason,
});

describe('the verdict on a probe', () => {
  it('is clean only for those of whom nothing was found', () => {
    const verdict = verdictOf([person('1'), person('2')], [left('2', 'DATA_REMAINS')], false);
    expect(verdict.clean.map((keys) => keys.person)).toEqual(['1']);
    expect(verdict.again.map((keys) => keys.person)).toEqual(['2']);
    expect(verdict.failed).toEqual([]);
  });

  it('gives up on what remains in the last round', () => {
    const { again, failed } = verdictOf([person('1')], [left('1', 'DATA_REMAINS')], true);
    expect(again).toEqual([]);
    expect(failed).toEqual([{ person: '1', status: 'FAILED', reason: 'DATA_REMAINS' }]);
  });

  it('fails at once where erasing again would not help, with the first reason', () => {
    const found = [left('1', 'SHARED_WITH_OTHERS'), left('1', 'SHARED_IDENTITY')];
    expect(verdictOf([person('1')], found, false).failed).toEqual([
      { person: '1', status: 'FAILED', reason: 'SHARED_IDENTITY' },
    ]);
  });
});

describe('an identity that came after the probe', () => {
  const identity = (bots: readonly string[] | null, channelUserId = '4477') => ({
    channelId: 'facebook',
    channelUserId,
    bots,
    sharedBots: [],
    joinedSharedBots: [],
  });
  const withIdentities = (...identities: ReturnType<typeof identity>[]): PersonKeys => ({
    ...person('1'),
    identities,
  });

  it.each([
    [
      'another one',
      withIdentities(identity(null)),
      withIdentities(identity(null), identity(null, '9')),
      true,
    ],
    ['for another bot', withIdentities(identity(['a'])), withIdentities(identity(['a', 'b'])), true],
    ['for all bots', withIdentities(identity(['a'])), withIdentities(identity(null)), true],
    ['the same', withIdentities(identity(['a'])), withIdentities(identity(['a'])), false],
    ['fewer bots', withIdentities(identity(null)), withIdentities(identity(['a'])), false],
    ['gone', withIdentities(identity(null)), withIdentities(), false],
  ])('%s', (_name, before, now, expected) => {
    expect(hasNewIdentity(before, now)).toBe(expected);
  });
});
