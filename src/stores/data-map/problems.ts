/** Something wrong in the data map itself. */
export interface MapProblem {
  /** `stores.platform.collections.messages.ties[1]` */
  readonly place: string;
  readonly problem: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** Gathers everything that is wrong, so that it can be told at once. */
export class Problems {
  private readonly found: MapProblem[] = [];

  add(place: string, problem: string, remedy: string): void {
    this.found.push({ place, problem, remedy });
  }

  get all(): readonly MapProblem[] {
    return this.found;
  }
}

/** The data map can't be used; tells everything that is wrong with it. */
export class DataMapError extends Error {
  constructor(readonly problems: readonly MapProblem[]) {
    super('the data map can not be used: `expunge data-map check` tells what is wrong with it');
    this.name = 'DataMapError';
  }
}
