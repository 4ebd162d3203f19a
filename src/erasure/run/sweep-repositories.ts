import { Injectable } from '@nestjs/common';
import { Forgetting } from './forgetting.service.js';
import { RollUpRepository } from './roll-up.repository.js';
import { SweepRepository } from './sweep.repository.js';

/** The rows that the sweep looks at, and what it removes of them. */
@Injectable()
export class SweepRepositories {
  constructor(
    readonly forgetting: Forgetting,
    readonly rollUps: RollUpRepository,
    readonly sweep: SweepRepository,
  ) {}
}
