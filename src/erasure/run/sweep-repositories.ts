import { Injectable } from '@nestjs/common';
import { RollUpRepository } from './roll-up.repository.js';
import { SweepRepository } from './sweep.repository.js';

/** The rows that the sweep looks at. */
@Injectable()
export class SweepRepositories {
  constructor(
    readonly rollUps: RollUpRepository,
    readonly sweep: SweepRepository,
  ) {}
}
