import { Injectable } from '@nestjs/common';
import { BatchRunner } from './batch-runner.service.js';
import { ClaimsRepository } from './claims.repository.js';
import { Planner } from './planner.service.js';

/** The kinds of work and how to claim them. */
@Injectable()
export class ClaimableWork {
  constructor(
    readonly claims: ClaimsRepository,
    readonly planner: Planner,
    readonly runner: BatchRunner,
  ) {}
}
