/** One call that was accepted. */
export interface ModelRequest {
  readonly id: string;
  /** What it was sent with, to be sent again. */
  readonly key: string;
  /** Numbers of persons, in the order sent; one may be there twice. */
  readonly persons: readonly number[];
}

/** What must be true of one person in the end. */
export interface ModelPerson {
  /** Rows that were ever written of them. */
  readonly written: Set<string>;
  /** Rows that were there when the last request for them was accepted, and must be gone. */
  doomed: ReadonlySet<string>;
  /** Rows that were there when they became an owner: from then on nobody may touch them. null: they never did. */
  kept: ReadonlySet<string> | null;
  requests: ModelRequest[];
}

/** The whole of the service in a few lines: whose rows must go, whose must stay. */
export class ErasureModel {
  readonly requests: ModelRequest[] = [];

  constructor(readonly persons: readonly ModelPerson[]) {}

  accepted(request: ModelRequest): void {
    this.requests.push(request);
    for (const person of new Set(request.persons.map((number) => this.person(number)))) {
      person.requests.push(request);
      person.doomed = new Set(person.written);
    }
  }

  person(number: number): ModelPerson {
    const person = this.persons[number % this.persons.length];
    if (!person) throw new Error('nobody');
    return person;
  }

  /**
   * Holds what there is against what must be, once everything is settled.
   *
   * @param left rows of the person that are still there
   * @param statuses how the person ended in each request, `SUCCESS` and so on
   * @param erased rows that were counted as erased, over all requests
   * @returns what is wrong
   */
  judge(
    number: number,
    left: ReadonlySet<string>,
    statuses: readonly string[],
    erased: number,
  ): readonly string[] {
    const { written, doomed, kept, requests } = this.person(number);
    const wrong: string[] = [];
    const say = (what: string): void => void wrong.push(`person ${number}: ${what}`);
    const missing = (rows: ReadonlySet<string>): string[] => [...rows].filter((row) => !left.has(row));
    if (requests.length === 0 && missing(written).length > 0) say('was erased, and nobody had asked');
    if (kept && missing(kept).length > 0) say(`was erased after becoming an owner: ${missing(kept).join()}`);
    if (kept && statuses.some((status) => status !== 'PROTECTED'))
      say(`owns a bot and is ${statuses.join()}`);
    if (!kept && requests.length > 0) {
      const there = [...doomed].filter((row) => left.has(row));
      if (there.length > 0) say(`is not gone: ${there.join()}`);
      if (!statuses.includes('SUCCESS')) say(`is ${statuses.join()}`);
      if (statuses.some((status) => !['SUCCESS', 'NOT_FOUND'].includes(status))) say(`is ${statuses.join()}`);
    }
    if (erased !== written.size - left.size) say(`${erased} rows counted, ${written.size - left.size} gone`);
    return wrong;
  }
}
