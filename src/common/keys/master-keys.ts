import { IntegrityError } from '../errors/integrity-error.js';
import { MasterKeyError } from '../errors/master-key-error.js';
import { framed } from '../framed.js';
import { seal, unseal } from './aes-gcm.js';
import { type KeyPlace } from './key-purpose.js';

export interface Unwrapped {
  readonly material: Buffer;
  /** Only the previous master key opened it: the row has to be wrapped again. */
  readonly byPrevious: boolean;
}

/** The master key, and while it is being changed the one before it. Wraps data keys and does nothing else. */
export class MasterKeys {
  constructor(
    private readonly current: Buffer,
    private readonly previous: Buffer | null,
  ) {}

  wrap(material: Buffer, place: KeyPlace): Buffer {
    return seal(this.current, material, associatedData(place));
  }

  /**
   * The previous key is tried too as long as it is configured: while a deployment rolls, older processes still make keys
   * under it.
   *
   * @throws MasterKeyError
   */
  unwrap(wrapped: Buffer, place: KeyPlace): Unwrapped {
    const material = opened(this.current, wrapped, place);
    if (material !== null) return { material, byPrevious: false };
    const older = this.previous === null ? null : opened(this.previous, wrapped, place);
    if (older === null) throw new MasterKeyError(`the master key does not unwrap data key ${place.id}`);
    return { material: older, byPrevious: true };
  }
}

function opened(masterKey: Buffer, wrapped: Buffer, place: KeyPlace): Buffer | null {
  try {
    return unseal(masterKey, wrapped, associatedData(place));
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}

function associatedData(place: KeyPlace): Buffer {
  return framed([place.id, place.purpose, place.accountId ?? '', String(place.epoch)]);
}
