import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BotsService } from '../../bots/bots.service.js';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { type BatchClaim } from './claim.js';
import { type Job, type Person } from './job.js';
import { ChunkSizes } from './pace/chunk-sizes.js';
import { type OpenPerson, OutcomeRepository } from './outcome.repository.js';
import { RequestHeadRepository } from './request-head.repository.js';
import { scopeOf } from './scope-of.js';
import { type Turn } from './turn.js';

/** A claimed batch, opened. */
export interface OpenBatch {
  readonly job: Job;
  readonly persons: readonly Person[];
  /** Ids of those whose key set is not as it was stored. */
  readonly altered: readonly string[];
}

/** Reads what a claimed batch is about, and proves it. */
@Injectable()
export class BatchRows {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sizes: ChunkSizes,
    private readonly bots: BotsService,
    private readonly heads: RequestHeadRepository,
    private readonly outcomes: OutcomeRepository,
  ) {}

  /** Those of the batch who have not ended. When the request is not as it was accepted, all of them are `altered`. */
  async open(claim: BatchClaim, turn: Turn): Promise<OpenBatch> {
    const { manager } = this.dataSource;
    const rows = await this.outcomes.openPersons(manager, claim.batchId, claim.requestId);
    const { sizes } = this;
    try {
      const { head, seal } = await this.heads.open(claim.requestId);
      const scope = await scopeOf(manager, this.bots, head);
      const opened = rows.map((row) => ({ id: row.id, person: openPerson(seal, row) }));
      return {
        job: { claim, scope, sizes, turn },
        persons: opened.flatMap(({ person }) => (person ? [person] : [])),
        altered: opened.flatMap(({ id, person }) => (person ? [] : [id])),
      };
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      const nothing = { requestId: claim.requestId, accountId: '', allBots: false, bots: [] };
      return {
        job: { claim, scope: nothing, sizes, turn },
        persons: [],
        altered: rows.map(({ id }) => id),
      };
    }
  }

  /** Those of `persons` who have not ended meanwhile. */
  async stillOpen(claim: BatchClaim, persons: readonly Person[]): Promise<readonly Person[]> {
    const open = await this.outcomes.openPersons(this.dataSource.manager, claim.batchId, claim.requestId);
    const ids = new Set(open.map(({ id }) => id));
    return persons.filter(({ id }) => ids.has(id));
  }
}

function openPerson(seal: RequestSeal, { id, personHash, keySet }: OpenPerson): Person | null {
  try {
    return { id, keys: seal.openKeySet(personHash, keySet) };
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}
