import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type SamplePerson, type Slot } from './sample-person.js';
import { SamplePlatform } from './sample-platform.js';
import { type SampleRow, sampleTables } from './sample-table.js';

const platform = new SamplePlatform({ seed: 7, people: 200 });
const rows = [...platform.rows()];
const people = [...platform.people.all()];

function digest(all: Iterable<SampleRow>): string {
  const hash = createHash('sha256');
  for (const row of all) hash.update(JSON.stringify(row));
  return hash.digest('hex');
}

function inSlot(slot: Slot): SamplePerson[] {
  return people.filter((person) => person.slot === slot);
}

function rowsOf(table: string): SampleRow['values'][] {
  return rows.filter((row) => row.table === table).map(({ values }) => values);
}

describe('the sample platform', () => {
  it('is the same for one seed, row for row, and another for another', () => {
    expect(digest(new SamplePlatform({ seed: 7, people: 200 }).rows())).toBe(digest(rows));
    expect(digest(new SamplePlatform({ seed: 8, people: 200 }).rows())).not.toBe(digest(rows));
  });

  it('has two accounts, twelve bots, and people over eight channels, a few of them unknown visitors', () => {
    const { main, other } = platform.world;
    expect([main.id, other.id]).toEqual([
      expect.stringMatching(/^[0-9a-f]{24}$/),
      expect.stringMatching(/^[0-9a-f]{24}$/),
    ]);
    expect(rowsOf('bots').map(({ id }) => id)).toEqual(Array(12).fill(expect.stringMatching(/^st-/)));
    expect(
      new Set(people.flatMap(({ identities }) => identities.map(({ channelId }) => channelId))).size,
    ).toBe(8);
    expect(inSlot('visitor')).toHaveLength(16);
    expect(rowsOf('users')).toHaveLength(200 - 16);
  });

  it('has rows in every table, some hundred a person', () => {
    expect(new Set(rows.map(({ table }) => table))).toEqual(new Set(sampleTables));
    expect(rows.length).toBeGreaterThan(200 * 80);
    expect(rows.length).toBeLessThan(200 * 120);
  });

  it('has a few very active people and many who came once', () => {
    const sessions = new Map<unknown, number>();
    for (const { user_id } of rowsOf('sessions')) sessions.set(user_id, (sessions.get(user_id) ?? 0) + 1);
    sessions.delete(null);
    const counts = [...sessions.values()].sort((a, b) => b - a);
    const all = counts.reduce((sum, count) => sum + count, 0);
    expect(counts.slice(0, 9).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(all / 4);
    expect(counts.at(-1)).toBeLessThan(4);
  });

  it('has one human in both accounts under the same email, enterprise id and identity', () => {
    for (const twin of inSlot('twin')) {
      const original = platform.people.at(twin.index - 9);
      expect(twin.account).not.toBe(original.account);
      expect(twin.userId).not.toBe(original.userId);
      expect(twin).toMatchObject({ email: original.email, enterpriseId: original.enterpriseId });
      expect(original.email).not.toBeNull();
      expect(original.enterpriseId).not.toBeNull();
      expect(twin.identities[0]).toEqual(original.identities[0]);
    }
  });

  it('has page-scoped ids, telephones of families and names that are somebody else’s email', () => {
    const [one, two] = inSlot('page-scoped');
    expect(two?.identities[0].channelUserId).toBe(one?.identities[0].channelUserId);
    expect(two?.identities[0].botId).not.toBe(one?.identities[0].botId);
    const [father, daughter] = inSlot('family');
    expect(daughter?.identities[0]).toEqual(father?.identities[0]);
    expect(inSlot('squatter')[0]?.identities[0].channelUserId).toBe(inSlot('squatted')[0]?.email);
  });

  it('otherwise gives nobody an identity, email or enterprise id that somebody else of the account has', () => {
    const seen = new Map<string, number>();
    for (const { account, identities, email, enterpriseId, slot } of people) {
      const own =
        slot === 'page-scoped' || slot === 'family' || slot === 'squatter' ? identities.slice(1) : identities;
      const ids = new Set([...own.map(({ channelUserId }) => channelUserId), email, enterpriseId]);
      for (const id of ids)
        if (id !== null) seen.set(`${account.id} ${id}`, (seen.get(`${account.id} ${id}`) ?? 0) + 1);
    }
    expect([...seen.values()].filter((count) => count > 1)).toEqual([]);
  });

  it('has owners, members and co-developers of accounts and bots', () => {
    expect(new Set(rowsOf('account_members').map(({ role }) => role))).toEqual(new Set(['owner', 'member']));
    expect(new Set(rowsOf('bot_members').map(({ role }) => role))).toEqual(
      new Set(['owner', 'co-developer']),
    );
  });

  it('has rows of bots that are gone, of none, and of a bot of the other account', () => {
    const ofMain = new Set(
      people.filter(({ account }) => account === platform.world.main).map(({ userId }) => userId),
    );
    ofMain.delete(null);
    const bots = new Set(
      rowsOf('messages')
        .filter(({ user_id }) => ofMain.has(String(user_id)))
        .map(({ bot_id }) => bot_id),
    );
    expect(bots).toContain(platform.world.main.goneBotId);
    expect(bots).toContain(null);
    expect(platform.world.other.bots.some(({ id }) => bots.has(id))).toBe(true);
  });

  it('has rows written before it was known who it is, and sessions of two people and an agent', () => {
    const known = new Set(
      people
        .filter(({ userId }) => userId !== null)
        .flatMap(({ identities }) => identities.map(({ channelUserId }) => channelUserId)),
    );
    const early = (table: string): number =>
      rowsOf(table).filter(
        ({ user_id, channel_user_id }) => user_id === null && known.has(String(channel_user_id)),
      ).length;
    expect(early('messages')).toBeGreaterThan(50);
    expect(early('analytics_events')).toBeGreaterThan(50);

    const speakers = new Map<unknown, Set<unknown>>();
    for (const { session_id, direction, user_id } of rowsOf('messages'))
      speakers.set(
        session_id,
        (speakers.get(session_id) ?? new Set()).add(direction === 'agent' ? 'agent' : user_id),
      );
    const shared = [...speakers.values()].filter((all) => all.has('agent'));
    expect(shared.length).toBeGreaterThan(20);
    expect(shared.every((all) => all.size >= 3)).toBe(true);
  });

  it('refuses to be too small to hold its people', () => {
    expect(() => new SamplePlatform({ seed: 1, people: 49 })).toThrow('at least 50');
  });
});
