import { setTimeout as wait } from 'node:timers/promises';
import { MAX_AGE_MS } from '../auth/client-app-lookup.service.js';
import {
  AppCancellationService,
  type CancelledRequests,
} from '../erasure/lifecycle/app-cancellation.service.js';
import { CancelRepository } from '../erasure/changes/cancel.repository.js';
import { ChangeRepositories } from '../erasure/changes/change-repositories.js';
import { ChangesRepository } from '../erasure/changes/changes.repository.js';
import { CancellationService } from '../erasure/lifecycle/cancellation.service.js';
import { HeldRequestRepository } from '../erasure/changes/held-request.repository.js';
import { OpenRequestsRepository } from '../erasure/lifecycle/open-requests.repository.js';
import { RequestChanges } from '../erasure/changes/request-changes.js';
import { RetryRepository } from '../erasure/changes/retry.repository.js';
import { RollUpRepository } from '../erasure/roll-up/roll-up.repository.js';
import { type CommandIo, CommandFailure, exitStatus } from './command.js';
import { operator } from './operator.js';

/** Accepting a call may take a little longer than finding out who calls. */
const UNDER_WAY_MS = 500;

/** Cancels what can still be cancelled of an app's requests since then. */
export async function cancelSince(clientId: string, since: Date, io: CommandIo): Promise<CancelledRequests> {
  const { dataSource, settings } = await io.database();
  const requests = new HeldRequestRepository(dataSource);
  const cancels = new CancelRepository();
  const rows = new ChangeRepositories(
    new ChangesRepository(dataSource),
    cancels,
    new RetryRepository(),
    new RollUpRepository(),
  );
  const changes = new RequestChanges(requests, rows, settings);
  const cancellations = new CancellationService(requests, cancels, changes, io.log);
  const ofApps = new AppCancellationService(new OpenRequestsRepository(dataSource), cancellations);
  return ofApps.cancelSince(clientId, since, operator);
}

/** For an app that was revoked just now: once more when every process knows that, for what was let in meanwhile. */
export async function cancelAllOf(clientId: string, io: CommandIo): Promise<CancelledRequests> {
  const first = await cancelSince(clientId, new Date(0), io);
  await wait(MAX_AGE_MS + UNDER_WAY_MS);
  const second = await cancelSince(clientId, new Date(0), io);
  return {
    requests: [...first.requests, ...second.requests],
    cancelled: first.cancelled + second.cancelled,
    inProgress: second.inProgress,
    // Whatever the first time left is looked at again by the second.
    left: second.left,
    brokenOff: second.brokenOff,
  };
}

/** For `--json`: `left` only where something is. */
export function jsonOf({ requests, cancelled, inProgress, left }: CancelledRequests): object {
  return { requests, cancelled, inProgress, ...(left.length === 0 ? {} : { left }) };
}

export function sentenceOf({ requests, cancelled, inProgress }: CancelledRequests): string {
  const begun = inProgress === 0 ? '' : `; ${inProgress} had begun and are being finished`;
  return `cancelled ${cancelled} entries of ${requests.length} requests${begun}`;
}

/**
 * When it was told what was cancelled: how the command ends.
 * @throws CommandFailure that names what is left, or what broke the work off
 */
export function statusOf({ left, brokenOff }: CancelledRequests): number {
  if (left.length > 0) {
    const more = brokenOff === null ? '' : ', and perhaps others that were not reached';
    throw new CommandFailure(
      `${left.length} requests could not be cancelled now${more}; run the command again: ${left.join(' ')}`,
    );
  }
  if (brokenOff !== null) throw brokenOff;
  return exitStatus.done;
}
