import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type Caller } from '../../auth/caller.js';
import { TokenSpender } from '../../auth/token-spender.service.js';
import { ApiError } from '../../common/errors/api-error.js';
import { KeyRing } from '../../common/keys/key-ring.js';
import { type CallMarks, IdempotencyRepository } from './idempotency.repository.js';
import { IDEMPOTENCY_HEADER, type IdempotentCall } from './idempotent-call.js';

/** Sees to it that a call which is sent again makes one request, and that a one-time token makes one as well. */
@Injectable()
export class CallOnce {
  constructor(
    private readonly keyRing: KeyRing,
    private readonly tokens: TokenSpender,
    private readonly rows: IdempotencyRepository,
  ) {}

  /** What stands for the call; null for one that named no key. Call it outside of transactions. */
  async marksOf(caller: Caller, call: IdempotentCall | null): Promise<CallMarks | null> {
    if (call === null) return null;
    const key = await this.keyRing.current('pseudonyms', caller.accountId);
    const keyHash = key.mac(['idempotency key', caller.clientId, call.key]);
    // To write a long body in one way has taken some time, and so does this.
    await nextTurn();
    return { keyHash, bodyHash: key.mac(['idempotent body', call.body]) };
  }

  /**
   * The request id that the first call under this key was answered with; null when this is the first, whose key is kept
   * exactly when the transaction commits. Of two at once the second waits for the first.
   *
   * @throws ApiError 409 when the first call had another body
   */
  async earlierRequest(
    manager: EntityManager,
    caller: Caller,
    marks: CallMarks | null,
    requestId: string,
  ): Promise<string | null> {
    if (marks === null || (await this.rows.take(manager, caller.clientId, marks, requestId))) return null;
    const first = await this.rows.find(manager, caller.clientId, marks.keyHash);
    // Taken a moment ago and swept since: it has just run out.
    if (first === null) return this.earlierRequest(manager, caller, marks, requestId);
    if (first.bodyHash.equals(marks.bodyHash)) return first.requestId;
    throw new ApiError(409, 'IDEMPOTENCY_KEY_REUSED', 'The key was used for another body', {
      details: [
        {
          field: IDEMPOTENCY_HEADER,
          problem: 'a key that came with another body',
          expected: 'a new key for each call, the same only to send a call again',
        },
      ],
    });
  }

  /** Spends the caller's one-time token, if it is one. @throws ApiError 401 when it was used before */
  async spendToken(manager: EntityManager, caller: Caller): Promise<void> {
    await this.tokens.spend(manager, caller);
  }
}
