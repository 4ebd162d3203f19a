/** One call that was accepted. */
export interface ModelRequest {
  readonly id: string;
  /** What it was sent with, to be sent again. */
  readonly key: string;
  /** Numbers of persons, in the order sent; one may be there twice. */
  readonly persons: readonly number[];
  /** Rows of each of them that were there when it was accepted, or opened again for them. */
  readonly rows: Map<ModelPerson, ReadonlySet<string>>;
  /** Places of entries that were cancelled: for good. */
  readonly cancelled: Set<number>;
  /** Those who owned a bot at some time of this round, and no longer do: they may have ended PROTECTED or not. */
  readonly spared: Set<ModelPerson>;
}

/** What must be true of one person in the end. */
export interface ModelPerson {
  /** Rows that were ever written of them. */
  readonly written: Set<string>;
  /** Rows that were there when they became an owner: from then on nobody may touch them. null: they are none. */
  kept: ReadonlySet<string> | null;
  /** They were an owner once: who was half erased by then stays so if cancelled. */
  hasOwned: boolean;
  requests: ModelRequest[];
}

/** How one entry ended that means a person. */
export interface Ended {
  readonly request: ModelRequest;
  readonly place: number;
  readonly status: string;
}

/** The whole of the service in a few lines: whose rows must go, whose must stay. */
export class ErasureModel {
  readonly requests: ModelRequest[] = [];
  /** Rows that had been erased when all work came to rest; null: it goes on. */
  paused: number | null = null;

  constructor(readonly persons: readonly ModelPerson[]) {}

  accepted({ id, key, persons }: Pick<ModelRequest, 'id' | 'key' | 'persons'>): ModelRequest {
    const everyone = new Set(persons.map((number) => this.person(number)));
    const rows = new Map([...everyone].map((person) => [person, new Set(person.written)]));
    const request = { id, key, persons, rows, cancelled: new Set<number>(), spared: new Set<ModelPerson>() };
    this.requests.push(request);
    for (const person of everyone) person.requests.push(request);
    return request;
  }

  person(number: number): ModelPerson {
    const person = this.persons[number % this.persons.length];
    if (!person) throw new Error('nobody');
    return person;
  }

  /** Places of a person's entries in a request. */
  placesOf(person: ModelPerson, { persons }: ModelRequest): readonly number[] {
    return persons.flatMap((number, place) => (this.person(number) === person ? [place] : []));
  }

  /** They own no bot any more. */
  dismissed(person: ModelPerson): void {
    if (!person.kept) return;
    person.kept = null;
    person.hasOwned = true;
    for (const { spared } of person.requests) spared.add(person);
  }

  /** A new round judges these entries again. */
  retried(request: ModelRequest, places: readonly number[]): void {
    for (const place of places) {
      const person = this.person(request.persons[place] ?? -1);
      request.spared.delete(person);
      request.rows.set(person, new Set(person.written));
    }
  }

  /**
   * Holds what there is against what must be, once everything is settled.
   *
   * @param left rows of the person that are still there
   * @param ended how they ended in each request, oldest first: found and not found, if they were erased between two pages
   * @param erased rows that were counted as erased, over all requests
   * @returns what is wrong
   */
  judge(
    number: number,
    left: ReadonlySet<string>,
    ended: readonly Ended[],
    erased: number,
  ): readonly string[] {
    const person = this.person(number);
    const { written, kept, hasOwned } = person;
    const wrong: string[] = [];
    const say = (what: string): void => void wrong.push(`person ${number}: ${what}`);
    const missing = (rows: ReadonlySet<string>): string[] => [...rows].filter((row) => !left.has(row));
    const isCancelled = ({ request, place }: Ended): boolean => request.cancelled.has(place);
    const wanted = ended.filter((one) => !isCancelled(one));
    for (const { status } of ended.filter(isCancelled))
      if (status !== 'CANCELLED') say(`was cancelled and is ${status}`);
    if (wanted.length === 0 && !hasOwned && missing(written).length > 0)
      say('was erased, and nobody wanted it');
    if (kept && missing(kept).length > 0) say(`was erased after becoming an owner: ${missing(kept).join()}`);
    for (const { request, status } of wanted) {
      const spared = request.spared.has(person);
      const allowed = kept ? ['PROTECTED'] : ['SUCCESS', 'NOT_FOUND', ...(spared ? ['PROTECTED'] : [])];
      if (!allowed.includes(status)) say(`${kept ? 'owns a bot and ' : ''}is ${status}`);
    }
    const due = kept ? [] : wanted.filter(({ request }) => !request.spared.has(person));
    if (due.length > 0) {
      const there = this.doomed(person, wanted, due).filter((row) => left.has(row));
      if (there.length > 0) say(`is not gone: ${there.join()}`);
      if (!wanted.some(({ status }) => status === 'SUCCESS')) say('is not found, and was never erased');
    }
    if (erased !== written.size - left.size) say(`${erased} rows counted, ${written.size - left.size} gone`);
    return wrong;
  }

  /**
   * Rows that must be gone. Once a request has erased somebody, later ones don't know which identities were theirs: rows
   * that carry nothing else and were written since may stay.
   */
  private doomed(person: ModelPerson, wanted: readonly Ended[], due: readonly Ended[]): readonly string[] {
    const [first] = wanted;
    const known = first?.request.rows.get(person);
    return due
      .flatMap(({ request }) => [...(request.rows.get(person) ?? [])])
      .filter((row) => !row.startsWith('debug_logs ') || known?.has(row));
  }
}
