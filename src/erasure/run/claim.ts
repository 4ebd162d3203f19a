/** The right to work on one batch, as long as its fence is the newest. */
export interface BatchClaim {
  readonly batchId: string;
  readonly requestId: string;
  readonly accountId: string;
  readonly fence: string;
  /** Failures so far that might have passed. */
  readonly attempts: number;
  /** Its former worker gave no sign of life any more. */
  readonly takenOver: boolean;
}

/** The right to plan one request. */
export interface PlanClaim {
  readonly requestId: string;
  readonly accountId: string;
  readonly fence: string;
  readonly attempts: number;
  /** Its former worker gave no sign of life any more. */
  readonly takenOver: boolean;
}

/** Another worker has taken over: stop at once, write nothing. */
export class ClaimLost extends Error {
  constructor() {
    super('another worker has taken over');
    this.name = 'ClaimLost';
  }
}

/**
 * The process is stopping, the work is paused, or it is the turn of another account or of what a dead worker left: give the
 * claim back after the current transaction.
 */
export class Stopping extends Error {
  constructor() {
    super('the work is given back');
    this.name = 'Stopping';
  }
}
