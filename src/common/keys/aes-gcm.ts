import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { IntegrityError } from '../errors/integrity-error.js';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const options = { authTagLength: TAG_BYTES };

/** @returns `prefix`, which nothing authenticates, then AES-256-GCM: nonce (12 random bytes), ciphertext, tag (16) */
export function seal(
  key: Buffer,
  plain: Buffer,
  associated: Buffer,
  prefix: Buffer = Buffer.alloc(0),
): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv(ALGORITHM, key, nonce, options);
  cipher.setAAD(associated);
  return Buffer.concat([prefix, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws IntegrityError when anything of it, the associated data or the key is not what it was sealed with */
export function unseal(key: Buffer, sealed: Buffer, associated: Buffer): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new IntegrityError();
  const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), options);
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    throw new IntegrityError();
  }
}

/** Random bytes for many nonces: asking for them costs as much as encrypting an entry. */
const nonces = Buffer.alloc(NONCE_BYTES * 512);
let used = nonces.length;

/** Never handed out before; to be used at once, for its memory is filled anew. */
function nextNonce(): Buffer {
  if (used === nonces.length) {
    randomFillSync(nonces);
    used = 0;
  }
  const from = used;
  used += NONCE_BYTES;
  return nonces.subarray(from, used);
}
