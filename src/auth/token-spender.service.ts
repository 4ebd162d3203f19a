import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { KeyRing } from '../common/keys/key-ring.js';
import { type Caller, type OneTimeToken } from './caller.js';
import { type ClientApp } from './client-app.js';
import { replayedToken } from './token-errors.js';
import { LEEWAY_SECONDS } from './token-rules.js';
import { UsedTokenRepository } from './used-token.repository.js';

const FORGOTTEN_AT_ONCE = 1_000;

/**
 * Sees to it that a one-time token is used once: its row is written in the transaction of what it was used for, so that
 * it is spent exactly when that has happened, and a 429 or 5xx leaves it good.
 */
@Injectable()
export class TokenSpender {
  private readonly tokens = new UsedTokenRepository();
  private readonly spent = new WeakSet<OneTimeToken>();

  constructor(private readonly keyRing: KeyRing) {}

  /** What stands for a token of this `jti`. @throws DatabaseFault */
  async oneTimeToken(app: ClientApp, jti: string, expiresAt: number): Promise<OneTimeToken> {
    const key = await this.keyRing.current('pseudonyms', app.accountId);
    return {
      hash: key.mac(['one-time token', app.clientId, jti]),
      expiresOn: new Date((expiresAt + LEEWAY_SECONDS) * 1000),
    };
  }

  /** @throws ApiError 401 when it was used before; DatabaseFault */
  async refuseSpent(manager: EntityManager, clientId: string, token: OneTimeToken): Promise<void> {
    if (await this.tokens.has(manager, clientId, token.hash)) throw replayedToken();
  }

  /**
   * Spends the caller's one-time token in this transaction; does nothing for other tokens. Of two transactions with the
   * same token the second waits for the first.
   *
   * @throws ApiError 401 when it was used before; DatabaseFault
   */
  async spend(manager: EntityManager, caller: Caller): Promise<void> {
    const { oneTime } = caller;
    if (oneTime === null) return;
    if (!(await this.tokens.insert(manager, caller.clientId, oneTime.hash, oneTime.expiresOn)))
      throw replayedToken();
    this.spent.add(oneTime);
  }

  /** True when nothing is left to do: spent by whoever handled this request, or not a one-time token at all. */
  isSettled(caller: Caller): boolean {
    return caller.oneTime === null || this.spent.has(caller.oneTime);
  }

  /** Forgets tokens that have expired; some at a time, so call it again while it returns more than 0. */
  forgetExpired(manager: EntityManager): Promise<number> {
    return this.tokens.deleteExpired(manager, FORGOTTEN_AT_ONCE);
  }
}
