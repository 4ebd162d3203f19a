import { Injectable } from '@nestjs/common';
import { framed } from '../../common/framed.js';
import { keyIdOf } from '../../common/keys/data-key.js';
import { KeyRing } from '../../common/keys/key-ring.js';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { type Actor, type HeldRequest, HeldRequestRepository } from '../changes/held-request.repository.js';
import { triedAgain } from '../changes/tried-again.js';
import { type Held, PauseRepository, type PauseRow, type PauseTarget } from './pause.repository.js';

/** What became of a pause or its end. `held`: what holds that work now, which may be another pause. */
export type BrakeOutcome =
  | { readonly is: 'UNKNOWN' }
  /** Nothing of the request is left to be paused. */
  | { readonly is: 'SETTLED' }
  | { readonly is: 'DONE'; readonly changed: boolean; readonly held: Held | null };

/** A pause with its reason, for the operator's eyes. */
export interface OpenPause extends Omit<PauseRow, 'reason'> {
  readonly reason: string;
}

const paused = defineEvent('brake.paused', { scope: 'code' });
const resumed = defineEvent('brake.resumed', { scope: 'code' });

/**
 * The brake: lets work rest, everybody's, an account's or a request's. It is read in every transaction that works, so it holds
 * within one chunk in every process. Accepting goes on.
 */
@Injectable()
export class BrakeService {
  constructor(
    private readonly requests: HeldRequestRepository,
    private readonly pauses: PauseRepository,
    private readonly keyRing: KeyRing,
    private readonly log: EventLog,
  ) {}

  /** @param reason free text: kept encrypted, and told to nobody but who reads the list of pauses */
  async pause(target: PauseTarget, reason: string, actor: Actor): Promise<BrakeOutcome> {
    const key = await this.keyRing.current('notes', null);
    const sealed = key.encrypt(Buffer.from(reason), placeOf(target));
    const done = await triedAgain(() =>
      this.requests.inTransaction('pause', async (manager): Promise<BrakeOutcome> => {
        const request =
          target.requestId === null ? null : await this.requests.hold(manager, target.requestId, actor);
        if (!mayTouch(target, request, actor)) return { is: 'UNKNOWN' };
        if (request?.settled) return { is: 'SETTLED' };
        await this.pauses.insert(manager, target, sealed, actor.name);
        const held = await this.pauses.holding(
          manager,
          request?.accountId ?? target.accountId,
          target.requestId,
        );
        return { is: 'DONE', changed: true, held };
      }),
    );
    if (done.is === 'DONE') this.log.warn(paused, { scope: scopeOf(target) });
    return done;
  }

  /** Ends this pause and no other: an account that rests goes on resting when one of its requests is resumed. */
  async resume(target: PauseTarget, actor: Actor): Promise<BrakeOutcome> {
    const done = await triedAgain(() =>
      this.requests.inTransaction('resume', async (manager): Promise<BrakeOutcome> => {
        const request =
          target.requestId === null ? null : await this.requests.hold(manager, target.requestId, actor);
        if (!mayTouch(target, request, actor)) return { is: 'UNKNOWN' };
        const changed = await this.pauses.delete(manager, target);
        const held = await this.pauses.holding(
          manager,
          request?.accountId ?? target.accountId,
          target.requestId,
        );
        return { is: 'DONE', changed, held };
      }),
    );
    if (done.is === 'DONE' && done.changed) this.log.warn(resumed, { scope: scopeOf(target) });
    return done;
  }

  /** All there are. @throws IntegrityError when a reason is not as it was written */
  async list(): Promise<readonly OpenPause[]> {
    const open: OpenPause[] = [];
    for (const row of await this.pauses.all()) {
      const key = await this.keyRing.named(keyIdOf(row.reason), 'notes', null);
      open.push({ ...row, reason: key.decrypt(row.reason, placeOf(row)).toString() });
    }
    return open;
  }
}

function mayTouch({ accountId, requestId }: PauseTarget, request: HeldRequest | null, actor: Actor): boolean {
  if (requestId !== null) return request !== null;
  return actor.accountId === null || actor.accountId === accountId;
}

function placeOf({ accountId, requestId }: PauseTarget): Buffer {
  return framed(['pause', accountId ?? '', requestId ?? '']);
}

function scopeOf({ accountId, requestId }: PauseTarget): string {
  if (requestId !== null) return 'REQUEST';
  return accountId === null ? 'ALL' : 'ACCOUNT';
}
