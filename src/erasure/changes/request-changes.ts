import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { Settings } from '../../config/settings.js';
import { type InterventionKind } from '../entities/erasure-intervention.entity.js';
import { retriedStatuses, type SubjectStatus } from '../erasure-status.js';
import { eachByItself } from '../each-by-itself.js';
import { ChangeRepositories } from './change-repositories.js';
import { type ChangingRequest, type HeldChange } from './changes.repository.js';
import { HeldRequestRepository } from './held-request.repository.js';
import { triedAgain } from './tried-again.js';

/** How far a walk through the entries has come: all before were changed, or are none of its business. */
export interface Walk {
  /** The change that it belongs to, once that is known: another one begins with a walk of its own. */
  fence: string | null;
  /** Of the statuses that the change is about. */
  nth: number;
  after: number;
}

/** Entries of these statuses are changed. */
const changed: Readonly<Record<InterventionKind, readonly SubjectStatus[]>> = {
  CANCEL: ['PENDING'],
  RETRY: retriedStatuses,
};

const BUSY_MS = 50;
const REQUESTS_AT_ONCE = 50;
/** One round of the sweep has more to do than this. */
const ROUND_MS = 500;

/**
 * Lets the entries of a request follow what was decided about it, some at a time: it may have a million, and one statement
 * for all would outlast every time-out and hold up whoever settles a batch of it. What was decided stands in the request's
 * row and keeps planners and claims away from them; so it does not matter when they follow, who sees to it, or how often
 * whoever does dies.
 */
@Injectable()
export class RequestChanges {
  constructor(
    private readonly requests: HeldRequestRepository,
    private readonly rows: ChangeRepositories,
    private readonly settings: Settings,
  ) {}

  begin(): Walk {
    return { fence: null, nth: 0, after: -1 };
  }

  /** One step, in a transaction that holds the request. @returns whether it was the last: the change is through */
  async step(manager: EntityManager, request: ChangingRequest, walk: Walk): Promise<boolean> {
    const { id, round, changing } = request;
    const kind = changing === 'CANCEL' ? this.rows.cancels : this.rows.retries;
    let left = this.settings.planPageEntries;
    for (let status = changed[changing][walk.nth]; status; status = changed[changing][walk.nth]) {
      const { after } = walk;
      const next = await this.rows.changes.next(manager, id, status, after, Math.max(left, 1));
      if (next === null) {
        walk.nth += 1;
        walk.after = -1;
        continue;
      }
      // Asked with nothing left as well: what is through must not look as if it were not.
      if (left === 0) return false;
      const { entries, last, persons } = next;
      await kind.changePage(manager, { requestId: id, round, status, after, last, persons });
      walk.after = last;
      left -= entries;
    }
    await kind.end(manager, id);
    if (changing === 'CANCEL') await this.rows.rollUps.rollUp(manager, id);
    return true;
  }

  /** Sees to it until the change is through, whoever else does the same. @throws DatabaseFault; others go on with it */
  async finish(requestId: string): Promise<void> {
    const walk = this.begin();
    for (;;) {
      const came = await triedAgain(() => this.stepOnce(requestId, walk));
      if (came === 'THROUGH') return;
      if (came === 'BUSY') await wait(BUSY_MS);
    }
  }

  /** Goes on with what others may have left behind, for as long as one round of the sweep may take. @throws DatabaseFault */
  async finishSome(): Promise<void> {
    const end = performance.now() + ROUND_MS;
    const unfinished = await this.rows.changes.unfinished(REQUESTS_AT_ONCE);
    await eachByItself(unfinished.map((requestId) => () => this.finishUntil(end, requestId)));
  }

  private async finishUntil(end: number, requestId: string): Promise<void> {
    const walk = this.begin();
    while (performance.now() < end) if ((await this.stepOnce(requestId, walk)) !== 'MORE') return;
  }

  private async stepOnce(requestId: string, walk: Walk): Promise<'THROUGH' | 'MORE' | 'BUSY'> {
    // Of a step that was rolled back, the walk has not come any further.
    const walked = { ...walk };
    const came = await this.requests.inTransaction('change-step', async (manager) => {
      const request = await this.rows.changes.hold(manager, requestId);
      if (request === 'BUSY') return 'BUSY';
      if (request === null || !belongs(walked, request)) return 'THROUGH';
      if (request.settled && request.changing === 'RETRY') {
        // A process of an older version, which knows nothing of changes, has cancelled the round: it is over.
        await this.rows.changes.forget(manager, requestId);
        return 'THROUGH';
      }
      return (await this.step(manager, request, walked)) ? 'THROUGH' : 'MORE';
    });
    Object.assign(walk, walked);
    return came;
  }
}

/** Somebody else may have brought the change of the walk to its end, and a third one decided another. */
function belongs(walk: Walk, { fence }: HeldChange): boolean {
  walk.fence ??= fence;
  return walk.fence === fence;
}
