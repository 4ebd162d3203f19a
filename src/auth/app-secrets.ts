import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { framed } from '../common/framed.js';
import { keyIdOf } from '../common/keys/data-key.js';
import { KeyRing } from '../common/keys/key-ring.js';
import { type ClientAppRow } from './client-app.repository.js';

type Owner = Pick<ClientAppRow, 'clientId' | 'accountId'>;

/** The secrets of client apps: 256 random bits, kept encrypted and bound to the app and its account. */
@Injectable()
export class AppSecrets {
  constructor(private readonly keyRing: KeyRing) {}

  /** A new one, as the app's owner is shown it once. */
  make(): string {
    return randomBytes(32).toString('base64url');
  }

  async encrypt(secret: string, owner: Owner): Promise<Buffer> {
    const key = await this.keyRing.current('secrets', null);
    return key.encrypt(Buffer.from(secret, 'utf8'), belongsTo(owner));
  }

  /** @throws IntegrityError when the row was altered, or moved to another account */
  async decrypt(app: Owner & Pick<ClientAppRow, 'secret'>): Promise<Buffer> {
    const key = await this.keyRing.named(keyIdOf(app.secret), 'secrets', null);
    return key.decrypt(app.secret, belongsTo(app));
  }
}

function belongsTo(owner: Owner): Buffer {
  return framed(['client app', owner.clientId, owner.accountId]);
}
