import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { EventLog } from '../../../common/logging/event-log.js';
import { defineEvent } from '../../../common/logging/event.js';
import { Settings } from '../../../config/settings.js';
import { NeighboursRepository, type Sight } from './neighbours.repository.js';
import { type Waiting, type WaitReason } from './waiting.js';

const unseen = defineEvent('pace.replicas.unseen', {});

const LOOK_EVERY_MS = 1_000;
/** What was seen so long ago says nothing about now. */
const BELIEVED_FOR_MS = 5_000;

/** Whether others on this database suffer so that work should wait. */
@Injectable()
export class Neighbours {
  private current: Waiting | null = null;
  private looking: Promise<void> | null = null;
  private lastLook = Number.NEGATIVE_INFINITY;
  private lastSight = Number.NEGATIVE_INFINITY;
  private told = false;

  constructor(
    private readonly repository: NeighboursRepository,
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly log: EventLog,
  ) {}

  /** Why work should wait, and since when, as last seen; null when nobody suffers, and when nobody could look. */
  get waitFor(): Waiting | null {
    return this.clock.elapsedMs() - this.lastSight > BELIEVED_FOR_MS ? null : this.current;
  }

  /** Looks, and answers when that was done. Whoever asks meanwhile waits for the same look. */
  look(): Promise<void> {
    this.lastLook = this.clock.elapsedMs();
    this.looking ??= this.see()
      // A database that doesn't answer is seen by the work itself.
      .catch(() => undefined)
      .finally(() => (this.looking = null));
    return this.looking;
  }

  /** Looks unless somebody did within the last second. */
  async lookAgain(): Promise<void> {
    if (this.looking !== null || this.clock.elapsedMs() - this.lastLook >= LOOK_EVERY_MS) await this.look();
  }

  private async see(): Promise<void> {
    const sight = await this.repository.look();
    const reason = this.reasonOf(sight);
    const before = this.waitFor;
    this.current = reason === null ? null : before?.reason === reason ? before : { reason, since: sight.on };
    this.lastSight = this.clock.elapsedMs();
    if (this.told || sight.seesReplicas) return;
    this.told = true;
    this.log.warn(unseen, {});
  }

  private reasonOf({ replicaLagMs, lockWaiters }: Sight): WaitReason | null {
    const { replicaLagMs: longest, lockWaiters: most } = this.settings;
    if ((replicaLagMs ?? 0) > longest) return 'REPLICA_LAG';
    return most > 0 && lockWaiters >= most ? 'LOCK_WAITERS' : null;
  }
}
