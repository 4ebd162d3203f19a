import { Injectable } from '@nestjs/common';
import { RollUpRepository } from '../roll-up/roll-up.repository.js';
import { CancelRepository } from './cancel.repository.js';
import { ChangesRepository } from './changes.repository.js';
import { RetryRepository } from './retry.repository.js';

/** The rows that a change of a request's course is made of. */
@Injectable()
export class ChangeRepositories {
  constructor(
    readonly changes: ChangesRepository,
    readonly cancels: CancelRepository,
    readonly retries: RetryRepository,
    readonly rollUps: RollUpRepository,
  ) {}
}
