import { Injectable } from '@nestjs/common';
import { keyIdOf } from '../../common/keys/data-key.js';
import { KeyRing } from '../../common/keys/key-ring.js';
import { type RequestHead, RequestSeal } from './request-seal.js';

/** Makes the seal of a request. Call it outside of transactions: the key ring may use a connection of its own. */
@Injectable()
export class RequestSealService {
  constructor(private readonly keyRing: KeyRing) {}

  /** For a request that is being accepted: with the account's current keys. */
  async forNew(head: RequestHead): Promise<RequestSeal> {
    const { accountId } = head;
    const [entries, integrity, pseudonyms] = [
      await this.keyRing.current('entries', accountId),
      await this.keyRing.current('integrity', accountId),
      await this.keyRing.current('pseudonyms', accountId),
    ];
    return new RequestSeal(head, { entries, integrity, pseudonyms });
  }

  /**
   * For a request that is there: with the keys that its MAC and one of its sealed parts name.
   *
   * @throws IntegrityError when they name no such keys of the account
   */
  async forAccepted(head: RequestHead, mac: Buffer, sealed: Buffer): Promise<RequestSeal> {
    const { accountId } = head;
    const [entries, integrity, pseudonyms] = [
      await this.keyRing.named(keyIdOf(sealed), 'entries', accountId),
      await this.keyRing.named(keyIdOf(mac), 'integrity', accountId),
      await this.keyRing.current('pseudonyms', accountId),
    ];
    return new RequestSeal(head, { entries, integrity, pseudonyms });
  }
}
