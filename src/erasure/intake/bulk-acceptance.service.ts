import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { type Caller } from '../../auth/caller.js';
import { type LongCall } from '../../auth/route-policy.js';
import { BotsService } from '../../bots/bots.service.js';
import { ApiError } from '../../common/errors/api-error.js';
import { inTurns } from '../../common/in-turns.js';
import { workCounters } from '../../common/metrics/work-counters.js';
import { WorkQueue } from '../queue/work-queue.js';
import { type RequestHead, type RequestSeal } from '../seal/request-seal.js';
import { RequestSealService } from '../seal/request-seal.service.js';
import { type Acceptance } from './acceptance.service.js';
import { type BulkLines } from './bulk-lines.js';
import { CallOnce } from './call-once.service.js';
import { type EraseHead } from './erase-command.js';
import { type CallMarks } from './idempotency.repository.js';
import { refuseUnknownBots } from './refuse-unknown-bots.js';
import { UploadRepository } from './upload.repository.js';

/** An upload under way. */
interface Upload {
  readonly command: EraseHead;
  readonly head: RequestHead;
  readonly seal: RequestSeal;
  readonly reference: Buffer | null;
}

/** Accepts calls whose entries come as a stream: all of them or none, in memory that does not grow with their number. */
@Injectable()
export class BulkAcceptanceService {
  constructor(
    private readonly uploads: UploadRepository,
    private readonly bots: BotsService,
    private readonly seals: RequestSealService,
    private readonly once: CallOnce,
    private readonly queue: WorkQueue,
  ) {}

  /**
   * Entries count against the account's limit page by page, before they are written, also those of a call that is refused
   * later: they were work all the same.
   *
   * @param key what the caller says to be recognised by, if anything; a call that was accepted before gets the same answer
   * @throws ApiError what the lines, the bots, the limit, the key or the token are refused for; then nothing of the call remains
   */
  async accept(caller: Caller, lines: BulkLines, key: string | null, call: LongCall): Promise<Acceptance> {
    const command = await lines.head(new Date());
    const upload = await this.begin(caller, command, key);
    const { id } = upload.head;
    let accepted: string;
    try {
      let total = 0;
      for await (const page of lines.pages()) {
        await call.charge(page.length);
        const from = total;
        const sealed = await inTurns(page, (entry, index) => upload.seal.sealEntry(from + index, entry));
        if (!(await this.uploads.addPage(id, from, sealed))) throw givenUp();
        total += page.length;
      }
      await call.recheck();
      const marks = await this.once.marksOf(caller, key === null ? null : { key, body: lines.digest() });
      accepted = await this.complete(caller, upload, total, marks);
    } catch (error) {
      // Where the database is away too, the upload's lease ends it.
      await this.uploads.giveUp(id).catch(() => undefined);
      throw error;
    }
    if (accepted === id) await this.queue.announce([id]);
    else await this.uploads.giveUp(id);
    return { requestId: accepted, status: 'in-progress' };
  }

  private async begin(caller: Caller, command: EraseHead, key: string | null): Promise<Upload> {
    const head: RequestHead = {
      id: `eud-${randomUUID()}`,
      accountId: caller.accountId,
      clientId: caller.clientId,
      allBots: command.allBots,
      botIds: [...new Set(command.botIds)],
      total: 0,
      receivedOn: command.receivedOn ?? new Date(),
    };
    const seal = await this.seals.forNew(head);
    const reference = command.reference === null ? null : seal.sealReference(command.reference);
    const upload = { command, head, seal, reference };
    await this.uploads.begin(head, reference, async (manager) => {
      // Long before the last line is there; they are asked once more when it is. What may be the same as an earlier call is
      // answered as that was, whatever became of the bots.
      if (key === null) await this.checkBots(manager, upload);
    });
    return upload;
  }

  private async complete(
    caller: Caller,
    upload: Upload,
    total: number,
    marks: CallMarks | null,
  ): Promise<string> {
    const { head, seal, reference } = upload;
    const mac = seal.withTotal(total).mac(reference);
    const { notBefore } = upload.command;
    const accepted = await this.uploads.complete(head.id, { total, mac, notBefore }, async (manager) => {
      const earlier = await this.once.earlierRequest(manager, caller, marks, head.id);
      if (earlier !== null) return earlier;
      await this.checkBots(manager, upload);
      await this.once.spendToken(manager, caller);
      return null;
    });
    if (accepted === null) throw givenUp();
    if (accepted === head.id) {
      workCounters.requestsAccepted.inc();
      workCounters.entriesAccepted.inc(total);
    }
    return accepted;
  }

  private async checkBots(manager: EntityManager, { head, command }: Upload): Promise<void> {
    await refuseUnknownBots(this.bots, manager, head, command, 'line 1.');
  }
}

/** This process stood still for so long that the sweep took the upload for dead. */
function givenUp(): ApiError {
  return new ApiError(503, 'UNAVAILABLE', 'Service Unavailable');
}
