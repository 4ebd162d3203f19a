import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityKeys, joined } from '../../../src/erasure/run/identity-keys.js';
import { KnownClaims } from '../../../src/erasure/run/known-claims.js';
import { type IdentityKey } from '../../../src/stores/store.js';
import { type IdentityClaim, UserDirectoryService } from '../../../src/users/user-directory.service.js';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

const directory = new UserDirectoryService();
const pairs = ['web|guest', 'a/b|c', 'a|b/c', 'fb|1'];
/** What nobody but one user has. */
const lonely = 'fb|alone';
const users = Array.from({ length: 40 }, (_, n) => `u-${n}`);

let db: TestDatabase;
let account: string;
let bots: readonly (string | null)[];
let claims: readonly IdentityClaim[];

beforeAll(async () => {
  db = await testDatabase();
  const platform = new Platform(db);
  account = await platform.account();
  const other = await platform.account();
  bots = [null, await platform.bot(account), await platform.bot(account)];
  await db.run(
    `INSERT INTO platform.users (id, account_id)
     SELECT u.id, CASE WHEN u.n % 5 = 0 THEN $2 ELSE $3 END FROM unnest($1::text[]) WITH ORDINALITY AS u (id, n)`,
    [users, other, account],
  );
  // Each pair, bot and user in a third of the cases, so that some are nobody's, somebody's, two's and almost everybody's.
  let drawn = 7;
  const draw = (): number => (drawn = (drawn * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const rows = pairs.flatMap((pair) =>
    bots.flatMap((bot) => {
      const often = draw() ** 3;
      return users.filter(() => draw() < often).map((user) => ({ user, bot, pair }));
    }),
  );
  rows.push({ user: users[7] ?? '', bot: null, pair: lonely });
  await db.run(
    `INSERT INTO platform.user_identities (user_id, bot_id, channel_id, channel_user_id)
     SELECT i.user_id, i.bot_id, split_part(i.pair, '|', 1), split_part(i.pair, '|', 2)
     FROM unnest($1::text[], $2::text[], $3::text[]) AS i (user_id, bot_id, pair)`,
    [rows.map(({ user }) => user), rows.map(({ bot }) => bot), rows.map(({ pair }) => pair)],
  );
  claims = await db.run<IdentityClaim>(
    `SELECT i.user_id AS "userId", u.account_id AS "accountId", i.bot_id AS "botId", i.channel_id AS "channelId",
            i.channel_user_id AS "channelUserId"
     FROM platform.user_identities i JOIN platform.users u ON u.id = i.user_id`,
  );
});
afterAll(() => db.drop());

const covered = (): string[] => bots.flatMap((bot) => bot ?? []);

/** As if every claim on the person's identities had been read. */
function byAllClaims(userId: string | null, stored: readonly IdentityKey[]): readonly IdentityKey[] {
  const names = new Set([...stored, ...claims.filter((claim) => claim.userId === userId)].map(joined));
  const relevant = claims.filter((claim) => names.has(joined(claim)));
  return identityKeys({ userId, accountId: account, bots: covered() }, stored, relevant);
}

const sorted = (keys: readonly IdentityKey[]): unknown =>
  keys
    .map((key) => ({ ...key, bots: key.bots?.toSorted() ?? null, sharedBots: key.sharedBots.toSorted() }))
    .toSorted(
      (one, other) =>
        joined(one).localeCompare(joined(other)) || one.channelId.localeCompare(other.channelId),
    );

describe('the claims that are read', () => {
  it.each([
    ['everybody', users],
    ['a third', users.filter((_, n) => n % 3 === 0)],
    ['the other two thirds', users.filter((_, n) => n % 3 !== 0)],
    ['one', users.slice(7, 8)],
    ['nobody', []],
  ])('say what all claims say when %s is asked for', async (_who, asked) => {
    const stored: IdentityKey[] = [...pairs, lonely].map((pair) => {
      const [channelId = '', channelUserId = ''] = pair.split('|');
      return { channelId, channelUserId, bots: null, sharedBots: [], joinedSharedBots: [] };
    });
    const read = new KnownClaims(
      await db.dataSource.transaction((manager) =>
        directory.identityClaims(manager, asked, stored.map(joined)),
      ),
    );
    for (const userId of [...asked, null])
      for (const known of [[], stored]) {
        const owner = { userId, accountId: account, bots: covered() };
        expect(sorted(read.keysOf(owner, known))).toEqual(sorted(byAllClaims(userId, known)));
      }
  });

  it('are told once where only somebody asked for has them', async () => {
    const { own, anyones } = await db.dataSource.transaction((manager) =>
      directory.identityClaims(manager, users, [lonely.replace('|', '/')]),
    );
    const alone = ({ channelUserId }: IdentityClaim): boolean => channelUserId === 'alone';
    expect([own.filter(alone).length, anyones.filter(alone).length]).toEqual([1, 0]);
    const without = await db.dataSource.transaction((manager) =>
      directory.identityClaims(manager, users.slice(0, 7), [lonely.replace('|', '/')]),
    );
    expect([without.own.filter(alone).length, without.anyones.filter(alone).length]).toEqual([0, 1]);
  });

  it('are as few for an identity that everybody has', async () => {
    const mine = users[1] ?? '';
    const { own, anyones } = await db.dataSource.transaction((manager) =>
      directory.identityClaims(
        manager,
        [mine],
        pairs.map((pair) => pair.replace('|', '/')),
      ),
    );
    const ofMine = claims.filter(({ userId }) => userId === mine);
    expect(own).toHaveLength(ofMine.length);
    // Of two accounts.
    const most = pairs.length * bots.length * 2 * 2;
    expect(claims.length).toBeGreaterThan(2 * most);
    expect(anyones.length).toBeLessThanOrEqual(most);
  });
});
