import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Caller } from '../../auth/caller.js';
import { TokenSpender } from '../../auth/token-spender.service.js';
import { inTurns } from '../../common/in-turns.js';
import { reachFaultPoint } from '../../config/fault-points.js';
import { BotsService } from '../../bots/bots.service.js';
import { WorkQueue } from '../queue/work-queue.js';
import { RequestSealService } from '../seal/request-seal.service.js';
import { type EraseCommand } from './erase-command.js';
import { IntakeRepository } from './intake.repository.js';
import { unknownBots } from './parse-erase-body.js';

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
    private readonly tokens: TokenSpender,
    private readonly queue: WorkQueue,
  ) {}

  /** @throws ApiError 412 when a bot is not the account's; 401 when a one-time token was used before */
  async accept(caller: Caller, command: EraseCommand): Promise<Acceptance> {
    const head = {
      id: `eud-${randomUUID()}`,
      accountId: caller.accountId,
      clientId: caller.clientId,
      allBots: command.allBots,
      botIds: [...new Set(command.botIds)],
      total: command.entries.length,
      receivedOn: command.receivedOn ?? new Date(),
    };
    const seal = await this.seals.forNew(head);
    const sealed = await inTurns(command.entries, (entry, position) => seal.sealEntry(position, entry));
    const reference = command.reference === null ? null : seal.sealReference(command.reference);

    await this.intake.inTransaction(async (manager) => {
      if (!command.allBots) {
        const owned = await this.bots.ownedAmong(manager, caller.accountId, head.botIds);
        if (owned.size < head.botIds.length) throw unknownBots(command.botIds, owned);
      }
      await this.tokens.spend(manager, caller);
      await this.intake.insertRequest(manager, {
        ...head,
        reference,
        mac: seal.mac(reference),
        notBefore: command.notBefore,
      });
      await this.intake.insertSubjects(manager, head.id, sealed);
    });
    await this.queue.announce([head.id]);
    await reachFaultPoint('accept:announced');
    return { requestId: head.id, status: 'in-progress' };
  }
}
