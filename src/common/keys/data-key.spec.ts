import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { IntegrityError } from '../errors/integrity-error.js';
import { MasterKeyError } from '../errors/master-key-error.js';
import { DataKey, keyIdOf } from './data-key.js';
import { type KeyPlace } from './key-purpose.js';
import { MasterKeys } from './master-keys.js';

const plain = Buffer.from('jane@example.com');
const place = Buffer.from('request 1, position 0');

describe('a data key', () => {
  const id = randomUUID();
  const material = randomBytes(32);
  const key = new DataKey(id, material);

  it('decrypts what it encrypted, at the place it was encrypted for', () => {
    expect(key.decrypt(key.encrypt(plain, place), place)).toEqual(plain);
    expect(key.decrypt(key.encrypt(Buffer.alloc(0), place), place)).toEqual(Buffer.alloc(0));
  });

  it('never makes the same ciphertext twice, always the same MAC', () => {
    expect(key.encrypt(plain, place)).not.toEqual(key.encrypt(plain, place));
    expect(key.mac(['a', Buffer.from('b')])).toEqual(key.mac(['a', Buffer.from('b')]));
  });

  it('never uses a nonce twice, however many it encrypts', () => {
    const nonceOf = (sealed: Buffer): string => sealed.toString('hex', 16, 28);
    const nonces = Array.from({ length: 5_000 }, () => nonceOf(key.encrypt(plain, place)));
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('is named by everything it makes', () => {
    expect(keyIdOf(key.encrypt(plain, place))).toBe(id);
    expect(keyIdOf(key.mac(['x']))).toBe(id);
  });

  it('refuses a ciphertext with any single byte changed, cut short or moved elsewhere', () => {
    const sealed = key.encrypt(plain, place);
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      expect(() => key.decrypt(altered, place)).toThrow(IntegrityError);
      expect(() => key.decrypt(sealed.subarray(0, at), place)).toThrow(IntegrityError);
    }
    expect(() => key.decrypt(sealed, Buffer.from('request 1, position 1'))).toThrow(IntegrityError);
    expect(() => new DataKey(id, randomBytes(32)).decrypt(sealed, place)).toThrow(IntegrityError);
    expect(() => new DataKey(randomUUID(), material).decrypt(sealed, place)).toThrow(IntegrityError);
  });

  it('tells lists of parts apart that join to the same text', () => {
    const mac = key.mac(['ab', 'c']);
    expect(key.verify(mac, ['ab', 'c'])).toBe(true);
    for (const parts of [['a', 'bc'], ['abc'], ['ab', 'c', ''], ['c', 'ab']])
      expect(key.verify(mac, parts)).toBe(false);
    expect(key.verify(mac.subarray(0, 40), ['ab', 'c'])).toBe(false);
    expect(new DataKey(id, randomBytes(32)).verify(mac, ['ab', 'c'])).toBe(false);
  });

  it('has no id to read in something too short to hold one', () => {
    expect(() => keyIdOf(Buffer.alloc(15))).toThrow(IntegrityError);
  });
});

describe('the master key', () => {
  const where: KeyPlace = { id: randomUUID(), purpose: 'entries', accountId: 'a', epoch: 0 };
  const [masterKey, previousKey, material] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const wrapped = new MasterKeys(previousKey, null).wrap(material, where);

  it('unwraps what it wrapped, or what the one before it did, and says which', () => {
    expect(new MasterKeys(previousKey, null).unwrap(wrapped, where)).toEqual({ material, byPrevious: false });
    expect(new MasterKeys(masterKey, previousKey).unwrap(wrapped, where)).toEqual({
      material,
      byPrevious: true,
    });
  });

  it.each<[string, Partial<KeyPlace>]>([
    ['id', { id: randomUUID() }],
    ['purpose', { purpose: 'secrets' }],
    ['account', { accountId: 'b' }],
    ['account, to none', { accountId: null }],
    ['epoch', { epoch: 1 }],
  ])('does not unwrap a key row whose %s was changed', (_, changed) => {
    const keys = new MasterKeys(previousKey, null);
    expect(() => keys.unwrap(wrapped, { ...where, ...changed })).toThrow(MasterKeyError);
  });

  it('does not unwrap what another one wrapped', () => {
    expect(() => new MasterKeys(masterKey, null).unwrap(wrapped, where)).toThrow(MasterKeyError);
  });
});
