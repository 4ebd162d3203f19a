import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type Caller } from '../../auth/caller.js';
import { inTurns } from '../../common/in-turns.js';
import { workCounters } from '../../common/metrics/work-counters.js';
import { reachFaultPoint } from '../../config/fault-points.js';
import { BotsService } from '../../bots/bots.service.js';
import { WorkQueue } from '../queue/work-queue.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { RequestSealService } from '../seal/request-seal.service.js';
import { CallOnce } from './call-once.service.js';
import { copyEntries } from './copy-entries.js';
import { type EraseCommand } from './erase-command.js';
import { type IdempotentCall } from './idempotent-call.js';
import { type CallMarks } from './idempotency.repository.js';
import { IntakeRepository, type NewRequest } from './intake.repository.js';
import { refuseUnknownBots } from './refuse-unknown-bots.js';

/** Entries that are written with their request, by one statement; of more the others follow. */
const AT_ONCE = 1_000;
/** Entries that are sealed before the database gets them. */
const PAGE = 250;

/** A call about to be written. */
interface Given {
  readonly request: NewRequest;
  readonly seal: RequestSeal;
  readonly command: EraseCommand;
}

export interface Acceptance {
  /** `eud-<uuid>` */
  readonly requestId: string;
  readonly status: 'in-progress';
}

/** Accepts erase calls. What was answered with a request id is in the database; telling the queue comes after. */
@Injectable()
export class AcceptanceService {
  constructor(
    private readonly intake: IntakeRepository,
    private readonly bots: BotsService,
    private readonly seals: RequestSealService,
    private readonly once: CallOnce,
    private readonly queue: WorkQueue,
  ) {}

  /**
   * @param call what the caller says to be recognised by; a call that was accepted before gets the same answer
   * @throws ApiError 412 when a bot is not the account's; 401 when a one-time token was used before; 409 when the call's key
   * was used for another body
   */
  async accept(caller: Caller, command: EraseCommand, call: IdempotentCall | null): Promise<Acceptance> {
    const head = {
      id: `eud-${randomUUID()}`,
      accountId: caller.accountId,
      clientId: caller.clientId,
      allBots: command.allBots,
      botIds: [...new Set(command.botIds)],
      total: command.entries.length,
      receivedOn: command.receivedOn ?? new Date(),
    };
    const marks = await this.once.marksOf(caller, call);
    const seal = await this.seals.forNew(head);
    const reference = command.reference === null ? null : seal.sealReference(command.reference);

    const request = { ...head, reference, mac: seal.mac(reference), notBefore: command.notBefore };
    const given = { request, seal, command };
    // Many calls are small and name no bots, and there is nothing else to be remembered of them.
    const alone = head.total <= AT_ONCE && head.allBots && marks === null && caller.oneTime === null;
    const earlier = alone ? await this.writeAlone(given) : await this.writeOnce(given, caller, marks);
    if (earlier === null) {
      workCounters.requestsAccepted.inc();
      workCounters.entriesAccepted.inc(head.total);
      // The answer does not wait for the queue.
      void this.queue.announce([head.id]);
    }
    await reachFaultPoint('accept:announced');
    return { requestId: earlier ?? head.id, status: 'in-progress' };
  }

  private async writeAlone(given: Given): Promise<null> {
    await this.intake.acceptAlone(given.request, await sealedFrom(given, 0, AT_ONCE));
    return null;
  }

  /** @returns the request that the same call made before, if it did */
  private async writeOnce(given: Given, caller: Caller, marks: CallMarks | null): Promise<string | null> {
    const { request } = given;
    return this.intake.accept(request.id, async (manager) => {
      const earlier = await this.once.earlierRequest(manager, caller, marks, request.id);
      if (earlier !== null) return earlier;
      await refuseUnknownBots(this.bots, manager, request, given.command);
      await this.once.spendToken(manager, caller);
      // Of many as few as will do: the sooner does the database get to the others.
      const from = request.total > AT_ONCE ? PAGE : AT_ONCE;
      const acceptedOn = await this.intake.insert(manager, request, await sealedFrom(given, 0, from));
      const more = { requestId: request.id, from, acceptedOn };
      if (request.total > from) await copyEntries(manager, more, sealedBehind(given, from));
      return null;
    });
  }
}

/** While the database writes what it has, the next page is sealed; between two the event loop has its turn. */
async function* sealedBehind(given: Given, first: number): AsyncGenerator<readonly Buffer[]> {
  for (let from = first; from < given.request.total; from += PAGE) {
    yield sealedFrom(given, from, PAGE);
    await nextTurn();
  }
}

async function sealedFrom({ seal, command }: Given, from: number, most: number): Promise<readonly Buffer[]> {
  return inTurns(command.entries.slice(from, from + most), (entry, index) =>
    seal.sealEntry(from + index, entry),
  );
}
