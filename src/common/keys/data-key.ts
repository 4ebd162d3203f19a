import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { IntegrityError } from '../errors/integrity-error.js';
import { framed } from '../framed.js';
import { seal, unseal } from './aes-gcm.js';

const ID_BYTES = 16;

/**
 * One key of the ring. What it makes begins with the 16 bytes of its id: ciphertexts are id, nonce, AES-256-GCM, tag
 * (44 bytes more than the plain text); MACs are id and HMAC-SHA-256 (48 bytes).
 */
export class DataKey {
  private readonly idBytes: Buffer;
  /** Two keys from one: no bytes are ever used by two algorithms. */
  private readonly encryptionKey: Buffer;
  private readonly macKey: Buffer;

  constructor(
    readonly id: string,
    material: Buffer,
  ) {
    this.idBytes = Buffer.from(id.replaceAll('-', ''), 'hex');
    this.encryptionKey = derived(material, 'encrypt');
    this.macKey = derived(material, 'mac');
  }

  /** @param associated where the ciphertext belongs; decrypting it anywhere else fails */
  encrypt(plain: Buffer, associated: Buffer): Buffer {
    return seal(this.encryptionKey, plain, associated, this.idBytes);
  }

  /** @throws IntegrityError */
  decrypt(sealed: Buffer, associated: Buffer): Buffer {
    if (!sealed.subarray(0, ID_BYTES).equals(this.idBytes)) throw new IntegrityError();
    return unseal(this.encryptionKey, sealed.subarray(ID_BYTES), associated);
  }

  /** The same parts always give the same bytes: also a keyed hash to look things up by. */
  mac(parts: readonly (string | Buffer)[]): Buffer {
    return Buffer.concat([this.idBytes, createHmac('sha256', this.macKey).update(framed(parts)).digest()]);
  }

  verify(mac: Buffer, parts: readonly (string | Buffer)[]): boolean {
    const expected = this.mac(parts);
    return mac.length === expected.length && timingSafeEqual(mac, expected);
  }
}

/** The id of the key that made a ciphertext or MAC. @throws IntegrityError when it is too short to name one */
export function keyIdOf(sealed: Buffer): string {
  if (sealed.length < ID_BYTES) throw new IntegrityError();
  return sealed.toString('hex', 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function derived(material: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, '', `expunge ${use}`, 32));
}
