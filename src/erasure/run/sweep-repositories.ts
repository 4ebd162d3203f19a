import { Injectable } from '@nestjs/common';
import { RequestChanges } from '../changes/request-changes.js';
import { Forgetting } from './forgetting.service.js';
import { Presence } from './presence.service.js';
import { RollUpRepository } from '../roll-up/roll-up.repository.js';
import { SweepRepository } from './sweep.repository.js';

/** Whom and which rows the sweep looks after, and what it removes of them. */
@Injectable()
export class SweepRepositories {
  constructor(
    readonly presence: Presence,
    readonly changes: RequestChanges,
    readonly forgetting: Forgetting,
    readonly rollUps: RollUpRepository,
    readonly sweep: SweepRepository,
  ) {}
}
