import { Injectable } from '@nestjs/common';
import { ClaimsRepository } from './claims.repository.js';
import { PlanRepository } from './plan.repository.js';
import { RequestHeadRepository } from './request-head.repository.js';
import { RollUpRepository } from '../roll-up/roll-up.repository.js';

/** The repositories of planning. */
@Injectable()
export class PlanningRepositories {
  constructor(
    readonly claims: ClaimsRepository,
    readonly heads: RequestHeadRepository,
    readonly plan: PlanRepository,
    readonly rollUp: RollUpRepository,
  ) {}
}
