import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IntegrityError } from '../../../src/common/errors/integrity-error.js';
import { MasterKeyError } from '../../../src/common/errors/master-key-error.js';
import { keyIdOf } from '../../../src/common/keys/data-key.js';
import { KeyRing } from '../../../src/common/keys/key-ring.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

const place = Buffer.from('here');
const text = Buffer.from('4477009');
const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];
let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase({ platform: false });
});
afterEach(() => database.drop());

/** The ring as another process would have it. */
function ring(masterKey: Buffer | null, masterKeyPrevious: Buffer | null = null): KeyRing {
  return new KeyRing(database.dataSource, testSettings({ masterKey, masterKeyPrevious }));
}

async function wrappedKeys(): Promise<Buffer[]> {
  const rows = await database.run<{ wrapped: Buffer }>('SELECT wrapped FROM expunge.keys ORDER BY id');
  return rows.map(({ wrapped }) => wrapped);
}

describe('data keys', () => {
  it('are made on first use, once, whoever of ten processes is first', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => ring(first).current('entries', 'a')));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    expect(await wrappedKeys()).toHaveLength(1);
    const sealed = keys[0]?.encrypt(text, place) ?? text;
    expect(keys[9]?.decrypt(sealed, place)).toEqual(text);
  });

  it('differ by account and by purpose', async () => {
    const keys = ring(first);
    const ids = [
      await keys.current('entries', 'a'),
      await keys.current('entries', 'b'),
      await keys.current('pseudonyms', 'a'),
      await keys.current('integrity', 'a'),
      await keys.current('secrets', null),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
    expect((await keys.current('entries', 'a')).id).toBe(ids[0]);
  });

  it('are per account but for secrets', async () => {
    await expect(ring(first).current('secrets', 'a')).rejects.toThrow('keys for secrets are not per account');
    await expect(ring(first).current('entries', null)).rejects.toThrow('keys for entries are per account');
  });

  it('are found by name, in another process too, for their own purpose and account only', async () => {
    const sealed = (await ring(first).current('entries', 'a')).encrypt(text, place);
    for (const keys of [ring(first), ring(first)]) {
      const id = keyIdOf(sealed);
      await expect(keys.named(id, 'entries', 'b')).rejects.toThrow(IntegrityError);
      await expect(keys.named(id, 'integrity', 'a')).rejects.toThrow(IntegrityError);
      await expect(keys.named(id, 'secrets', null)).rejects.toThrow(IntegrityError);
      expect((await keys.named(id, 'entries', 'a')).decrypt(sealed, place)).toEqual(text);
      await expect(keys.named(id, 'entries', 'b')).rejects.toThrow(IntegrityError);
    }
    await expect(ring(first).named(randomUUID(), 'entries', 'a')).rejects.toThrow(IntegrityError);
  });

  it('can not be used once they are destroyed', async () => {
    const { id } = await ring(first).current('entries', 'a');
    await database.run('UPDATE expunge.keys SET wrapped = NULL, destroyed_on = clock_timestamp()');
    await ring(first).open();
    await expect(ring(first).named(id, 'entries', 'a')).rejects.toThrow(IntegrityError);
    await expect(ring(first).current('entries', 'a')).rejects.toThrow(IntegrityError);
  });

  it('are never in the database as they are', async () => {
    await ring(first).current('entries', 'a');
    const [wrapped] = await wrappedKeys();
    expect(wrapped).toHaveLength(12 + 32 + 16);
  });
});

describe('a key row that was altered by hand', () => {
  it.each([
    "UPDATE expunge.keys SET account_id = 'b'",
    "UPDATE expunge.keys SET purpose = 'integrity'",
    'UPDATE expunge.keys SET epoch = 1',
    'UPDATE expunge.keys SET id = gen_random_uuid()',
    'UPDATE expunge.keys SET wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20))',
    'UPDATE expunge.keys SET wrapped = substring(wrapped FROM 1 FOR 20)',
  ])('stops the start: %s', async (statement) => {
    await ring(first).current('entries', 'a');
    await database.run(statement);
    await expect(ring(first).open()).rejects.toThrow(MasterKeyError);
  });
});

describe('the master key', () => {
  it('must be there', async () => {
    await expect(ring(null).open()).rejects.toThrow(MasterKeyError);
    await expect(ring(null).current('entries', 'a')).rejects.toThrow(MasterKeyError);
  });

  it('must unwrap every key that is there', async () => {
    await ring(first).open();
    await ring(first).current('entries', 'a');
    await ring(first).open();
    await expect(ring(second).open()).rejects.toThrow(MasterKeyError);
    await expect(ring(second, third).open()).rejects.toThrow(MasterKeyError);
  });

  it('is changed by wrapping the keys again, and nothing else', async () => {
    const key = await ring(first).current('entries', 'a');
    const sealed = key.encrypt(text, place);
    await ring(second, first).open();
    const changed = ring(second);
    await changed.open();
    expect((await changed.named(key.id, 'entries', 'a')).decrypt(sealed, place)).toEqual(text);
    await expect(ring(first).open()).rejects.toThrow(MasterKeyError);
  });

  it('is changed for all keys or for none', async () => {
    await ring(first).current('entries', 'a');
    await ring(third).current('entries', 'b');
    const before = await wrappedKeys();
    await expect(ring(second, first).open()).rejects.toThrow(MasterKeyError);
    expect(await wrappedKeys()).toEqual(before);
  });

  it('may be changed by several processes at once', async () => {
    for (const account of ['a', 'b', 'c', 'd']) await ring(first).current('entries', account);
    await Promise.all(Array.from({ length: 5 }, () => ring(second, first).open()));
    await ring(second).open();
  });

  it('leaves keys alone that it wraps already', async () => {
    await ring(first).current('entries', 'a');
    const before = await wrappedKeys();
    await ring(first, second).open();
    expect(await wrappedKeys()).toEqual(before);
  });

  it('while a deployment rolls, newer processes use what older ones make', async () => {
    const newer = ring(second, first);
    await newer.open();
    const made = await ring(first).current('entries', 'late');
    expect((await newer.current('entries', 'late')).id).toBe(made.id);
  });
});
