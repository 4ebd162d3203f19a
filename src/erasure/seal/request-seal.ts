import { createHash } from 'node:crypto';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { framed } from '../../common/framed.js';
import { type DataKey } from '../../common/keys/data-key.js';
import { type UserEntry } from '../../users/user-reference.js';
import { type KeySet, keyParts, personParts } from './key-set.js';

/** What a request was accepted as: the part of it that its seal covers. */
export interface RequestHead {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly allBots: boolean;
  readonly botIds: readonly string[];
  readonly total: number;
  readonly receivedOn: Date;
}

export interface SealKeys {
  readonly entries: DataKey;
  readonly integrity: DataKey;
  readonly pseudonyms: DataKey;
}

/**
 * Seals the parts of one request to it. Entries, reference and key sets are encrypted with the request, its account, flag
 * and bots (and their own place in it) as authenticated data; the request carries a MAC. So a row of ours that was inserted,
 * moved or altered by hand opens nowhere.
 */
export class RequestSeal {
  private readonly place: Buffer;

  constructor(
    private readonly head: RequestHead,
    private readonly keys: SealKeys,
  ) {
    this.place = createHash('sha256')
      .update(framed([head.id, head.accountId, head.allBots ? 'all bots' : 'these bots', ...head.botIds]))
      .digest();
  }

  /** The same seal for a request of which it is known only now how many entries it has. Nothing but the MAC covers that. */
  withTotal(total: number): RequestSeal {
    return new RequestSeal({ ...this.head, total }, this.keys);
  }

  /** The MAC of the request. @param reference the sealed reference, if any */
  mac(reference: Buffer | null): Buffer {
    return this.keys.integrity.mac(this.macParts(reference));
  }

  verifies(mac: Buffer, reference: Buffer | null): boolean {
    return this.keys.integrity.verify(mac, this.macParts(reference));
  }

  sealEntry(position: number, entry: UserEntry): Buffer {
    return this.seal(['entry', String(position)], entry);
  }

  /** @throws IntegrityError */
  openEntry(position: number, sealed: Buffer): UserEntry {
    return this.open(['entry', String(position)], sealed) as UserEntry;
  }

  sealReference(reference: string): Buffer {
    return this.seal(['reference'], reference);
  }

  /** @throws IntegrityError */
  openReference(sealed: Buffer): string {
    return this.open(['reference'], sealed) as string;
  }

  sealKeySet(keys: KeySet): {
    readonly personHash: Buffer;
    readonly keySet: Buffer;
    readonly keyHashes: Buffer[];
  } {
    const personHash = this.keys.pseudonyms.mac(personParts(keys));
    return {
      personHash,
      keySet: this.seal(['key set', personHash], keys),
      keyHashes: keyParts(keys).map((parts) => this.keys.pseudonyms.mac(parts)),
    };
  }

  /** @throws IntegrityError */
  openKeySet(personHash: Buffer, sealed: Buffer): KeySet {
    return this.open(['key set', personHash], sealed) as KeySet;
  }

  private macParts(reference: Buffer | null): readonly (string | Buffer)[] {
    const { clientId, total, receivedOn } = this.head;
    return ['request', this.place, clientId, String(total), receivedOn.toISOString(), reference ?? ''];
  }

  private seal(what: readonly (string | Buffer)[], value: unknown): Buffer {
    return this.keys.entries.encrypt(Buffer.from(JSON.stringify(value)), framed([...what, this.place]));
  }

  private open(what: readonly (string | Buffer)[], sealed: Buffer): unknown {
    const plain = this.keys.entries.decrypt(sealed, framed([...what, this.place]));
    try {
      return JSON.parse(plain.toString()) as unknown;
    } catch {
      throw new IntegrityError();
    }
  }
}
