import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type Caller } from '../../auth/caller.js';
import { inTurns } from '../../common/in-turns.js';
import { workCounters } from '../../common/metrics/work-counters.js';
import { reachFaultPoint } from '../../config/fault-points.js';
import { BotsService } from '../../bots/bots.service.js';
import { type UserEntry } from '../../users/user-reference.js';
import { WorkQueue } from '../queue/work-queue.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { RequestSealService } from '../seal/request-seal.service.js';
import { CallOnce } from './call-once.service.js';
import { type EraseCommand } from './erase-command.js';
import { type IdempotentCall } from './idempotent-call.js';
import { IntakeRepository, type NewRequest } from './intake.repository.js';
import { unknownBots } from './parse-erase-head.js';

/** Entries that one statement writes. */
const PAGE = 2_000;

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

    const earlier = await this.intake.accept(head.id, async (manager) => {
      const before = await this.once.earlierRequest(manager, caller, marks, head.id);
      if (before !== null) return before;
      if (!command.allBots) {
        const owned = await this.bots.ownedAmong(manager, caller.accountId, head.botIds);
        if (owned.size < head.botIds.length) throw unknownBots(command.botIds, owned);
      }
      await this.once.spendToken(manager, caller);
      const request = { ...head, reference, mac: seal.mac(reference), notBefore: command.notBefore };
      await this.write(manager, request, seal, command.entries);
      return null;
    });
    if (earlier === null) {
      workCounters.requestsAccepted.inc();
      workCounters.entriesAccepted.inc(head.total);
      await this.queue.announce([head.id]);
    }
    await reachFaultPoint('accept:announced');
    return { requestId: earlier ?? head.id, status: 'in-progress' };
  }

  /** While the database writes a page of entries, the next one is sealed. */
  private async write(
    manager: EntityManager,
    request: NewRequest,
    seal: RequestSeal,
    entries: readonly UserEntry[],
  ): Promise<void> {
    const sealPage = (from: number): Promise<Buffer[]> =>
      inTurns(entries.slice(from, from + PAGE), (entry, index) => seal.sealEntry(from + index, entry));
    let page = await sealPage(0);
    for (let from = 0; from < entries.length; from += PAGE)
      [, page] = await Promise.all([
        from === 0
          ? this.intake.insert(manager, request, page)
          : this.intake.addEntries(manager, request.id, from, page),
        sealPage(from + PAGE),
      ]);
  }
}
