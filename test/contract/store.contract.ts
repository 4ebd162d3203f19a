import { beforeAll, describe, expect, it } from '@jest/globals';
import { type PersonKeys, type Scope } from '../../src/stores/store.js';
import { identity, type StoreDriver } from '../support/store-driver.js';

/** Rows of a person, said so that every kind of store can hold them. */
export interface Trace {
  readonly account: string;
  /** null: of no bot. */
  readonly bot: string | null;
  readonly userId?: string;
  /** `channel|channel user id` */
  readonly pair?: string;
  /** Rows that take part in one conversation, which belongs to whoever began it. */
  readonly conversation?: string;
}

/** A store with a platform around it, made anew for each kind of store. */
export interface StoreWorld {
  readonly driver: StoreDriver;
  account(): Promise<string>;
  bot(account: string): Promise<string>;
  /** The bot is gone, its rows stay. */
  forgetBot(bot: string): Promise<void>;
  /** Someone of the account's directory. */
  user(account: string): Promise<string>;
  /** Rows tied by user id, in collections that are deleted and in one that is overwritten. Returns how many. */
  leaveKnown(trace: Trace & { readonly userId: string }): Promise<number>;
  /** Rows tied by identity alone. Returns how many. */
  leaveUnknown(trace: Trace & { readonly pair: string }): Promise<number>;
  /** Every row that the store holds, as text. */
  rows(): Promise<ReadonlySet<string>>;
  /** How many rows the store holds for a user id. */
  rowsOf(userId: string): Promise<number>;
  /** From now on the store can no longer see its rows, but nothing else seems wrong. Undone by what it returns. */
  goBlind(): Promise<() => Promise<void>>;
}

/** What every kind of store must do. */
export function storeContract(kind: string, open: () => Promise<StoreWorld>): void {
  describe(`a ${kind} store`, () => {
    let world: StoreWorld;
    let driver: StoreDriver;
    let account: string;
    let bot: string;
    let jane: string;
    let named: Scope;
    let all: Scope;

    beforeAll(async () => {
      world = await open();
      ({ driver } = world);
    });

    /** An account with two bots, and Jane, who wrote to the first. */
    async function setting(): Promise<PersonKeys> {
      account = await world.account();
      bot = await world.bot(account);
      const other = await world.bot(account);
      jane = await world.user(account);
      named = { accountId: account, allBots: false, bots: [bot] };
      all = { accountId: account, allBots: true, bots: [bot, other] };
      await world.leaveKnown({ account, bot, userId: jane });
      return driver.person({ userId: jane });
    }

    async function untouched(work: () => Promise<unknown>): Promise<void> {
      const before = await world.rows();
      await work();
      expect(await world.rows()).toEqual(before);
    }

    /** How many rows it erased. */
    async function eraseAll(persons: readonly PersonKeys[], scope: Scope, maxRows?: number): Promise<number> {
      const erased = await driver.erase('records', persons, scope, maxRows);
      return Object.values(erased).reduce((sum, rows) => sum + rows, 0);
    }

    it('fits its data map', async () => {
      expect(await driver.check()).toEqual([]);
    });

    it('erases the person, counts what it erased, and then finds nothing', async () => {
      const keys = await setting();
      const count = await world.rowsOf(jane);
      expect(await driver.probe('records', [keys], named)).not.toEqual([]);
      expect(await eraseAll([keys], named)).toBe(count);
      expect(await world.rowsOf(jane)).toBe(0);
      expect(await driver.probe('records', [keys], named)).toEqual([]);
    });

    it('counts each person apart', async () => {
      const keys = await setting();
      const joe = await world.user(account);
      await world.leaveKnown({ account, bot, userId: joe });
      await world.leaveKnown({ account, bot, userId: joe });
      const joesKeys = driver.person({ userId: joe });
      const counts = [await world.rowsOf(jane), await world.rowsOf(joe)];
      expect(counts[0]).not.toBe(counts[1]);
      const erased = await driver.erase('records', [keys, joesKeys], named);
      const of = ({ person }: PersonKeys): number =>
        Object.entries(erased).reduce(
          (sum, [name, rows]) => sum + (name.startsWith(`${person} `) ? rows : 0),
          0,
        );
      expect([of(keys), of(joesKeys)]).toEqual(counts);
    });

    it('is harmless twice', async () => {
      const keys = await setting();
      await eraseAll([keys], named);
      await untouched(async () => {
        expect(await eraseAll([keys], named)).toBe(0);
      });
    });

    it.each([1, 2, 3, 7])('takes steps of at most %i rows to the same end', async (maxRows) => {
      const keys = await setting();
      await world.leaveKnown({ account, bot, userId: jane });
      const count = await world.rowsOf(jane);
      expect(await eraseAll([keys], named, maxRows)).toBe(count);
      expect(await driver.probe('records', [keys], named)).toEqual([]);
    });

    it('spares the same person in another bot', async () => {
      const keys = await setting();
      const other = await world.bot(account);
      await eraseAll([keys], named);
      await world.leaveKnown({ account, bot: other, userId: jane });
      await untouched(() => eraseAll([keys], named));
      expect(await driver.probe('records', [keys], named)).toEqual([]);
    });

    it.each(['Joe', 'Jane'])('spares another person in a conversation that %s began', async (first) => {
      const keys = await setting();
      const joe = await world.user(account);
      const conversation = `begun by ${first}`;
      const inTurn = first === 'Joe' ? [joe, jane, joe] : [jane, joe, jane];
      for (const userId of inTurn) await world.leaveKnown({ account, bot, userId, conversation });
      const joes = await world.rowsOf(joe);
      await eraseAll([keys], named);
      expect(await driver.probe('records', [keys], named)).toEqual([]);
      expect(await world.rowsOf(joe)).toBe(joes);
      expect(await world.rowsOf(jane)).toBe(0);
    });

    it('spares the other account, also where it has the same identity', async () => {
      const keys = await setting();
      const theirs = await world.account();
      const theirBot = await world.bot(theirs);
      await world.leaveUnknown({ account: theirs, bot: theirBot, pair: 'facebook|4477' });
      await world.leaveKnown({ account: theirs, bot: theirBot, userId: await world.user(theirs) });
      await eraseAll([keys], all);
      await untouched(() => eraseAll([{ ...keys, identities: [identity('facebook|4477')] }], all));
    });

    it('under all bots, erases what is tied by user id whatever its bot, but for rows of another account', async () => {
      const keys = await setting();
      const gone = await world.bot(account);
      await world.leaveKnown({ account, bot: null, userId: jane });
      await world.leaveKnown({ account, bot: gone, userId: jane });
      await world.forgetBot(gone);
      await eraseAll([keys], all);
      expect(await world.rowsOf(jane)).toBe(0);

      const theirs = await world.account();
      await world.leaveKnown({ account: theirs, bot: await world.bot(theirs), userId: jane });
      await untouched(() => eraseAll([keys], all));
      expect(await driver.probe('records', [keys], all)).toEqual([]);
    });

    it('erases rows that were written before the person was known', async () => {
      const keys = { ...(await setting()), identities: [identity('facebook|55')] };
      await eraseAll([keys], named);
      const count = await world.leaveUnknown({ account, bot, pair: 'facebook|55' });
      expect(await driver.probe('records', [keys], named)).not.toEqual([]);
      expect(await eraseAll([keys], named)).toBe(count);
      expect(await driver.probe('records', [keys], named)).toEqual([]);
    });

    it('counts an identity only as a whole, and only in its bots', async () => {
      await setting();
      const other = await world.bot(account);
      const keys = driver.person({ userId: jane, identities: [identity('facebook|66', { bots: [other] })] });
      await world.leaveUnknown({ account, bot, pair: 'facebook|66' });
      await world.leaveUnknown({ account, bot: other, pair: 'telegram|66' });
      await world.leaveUnknown({ account, bot: other, pair: 'facebook|667' });
      await eraseAll([driver.person({ userId: jane })], named);
      const both = { ...named, bots: [bot, other] };
      await untouched(() => eraseAll([keys], both));
      const count = await world.leaveUnknown({ account, bot: other, pair: 'facebook|66' });
      expect(await eraseAll([keys], both)).toBe(count);
    });

    it('erases nothing by an identity that is someone else’s too, and says so if rows carry it', async () => {
      await setting();
      const keys = driver.person({ userId: jane, identities: [identity('sms|7', { sharedBots: [bot] })] });
      await eraseAll([keys], named);
      expect(await driver.probe('records', [keys], named)).toEqual([]);
      await world.leaveUnknown({ account, bot, pair: 'sms|7' });
      await untouched(() => eraseAll([keys], named));
      const reasons = (await driver.probe('records', [keys], named)).map(({ reason }) => reason);
      expect(new Set(reasons)).toEqual(new Set(['SHARED_IDENTITY']));
    });

    it('never reaches beyond the covered bots for someone in no directory', async () => {
      await setting();
      await eraseAll([driver.person({ userId: jane })], all);
      await world.leaveKnown({ account, bot: null, userId: jane });
      const visitor = driver.person({ userId: jane, inDirectory: false });
      await untouched(() => eraseAll([visitor], all));
      await untouched(() => driver.erase('directory', [visitor], all));
      expect(await driver.probe('records', [visitor], all)).toEqual([]);
      expect(await driver.probe('directory', [visitor], all)).toEqual([]);
    });

    it('finds by value in the covered bots what someone unknown left there', async () => {
      await setting();
      const theirs = await world.account();
      await world.leaveUnknown({ account, bot, pair: 'line|abc' });
      await world.leaveUnknown({ account: theirs, bot: await world.bot(theirs), pair: 'line|xyz' });
      const query = (position: number, value: string) =>
        ({ position, kind: 'any', value, channelId: null }) as const;
      const found = { kind: 'identity', channelId: 'line', channelUserId: 'abc', joinedOnly: false };
      const queries = [query(0, 'line/abc'), query(1, 'abc'), query(2, 'line/xyz'), query(3, jane)];
      expect(await driver.find(queries, named)).toEqual([
        { position: 0, ...found },
        { position: 1, ...found },
        { position: 3, kind: 'userId', value: jane },
      ]);
    });

    it('refuses to erase or probe for nobody', async () => {
      await setting();
      await expect(driver.erase('records', [], all)).rejects.toThrow('at least one person');
      await expect(driver.probe('records', [], all)).rejects.toThrow('at least one person');
    });

    it('throws rather than reporting zero when it can not see its data', async () => {
      const keys = await setting();
      const seeAgain = await world.goBlind();
      try {
        await expect(driver.erase('records', [keys], named)).rejects.toThrow('database error');
        await expect(driver.probe('records', [keys], named)).rejects.toThrow('database error');
      } finally {
        await seeAgain();
      }
    });
  });
}
