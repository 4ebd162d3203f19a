import { Injectable } from '@nestjs/common';
import { BatchRunner } from './batch-runner.service.js';
import { ClaimsRepository } from './claims.repository.js';
import { Planner } from './planner.service.js';
import { Presence } from './presence.service.js';

/** The kinds of work, and how and in whose name to claim them. */
@Injectable()
export class ClaimableWork {
  constructor(
    readonly presence: Presence,
    readonly claims: ClaimsRepository,
    readonly planner: Planner,
    readonly runner: BatchRunner,
  ) {}
}
