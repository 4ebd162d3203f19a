import { type Problems } from './problems.js';

/** A place in the data map with the value that stands there, and where to report what is wrong with it. */
export class Node {
  constructor(
    readonly value: unknown,
    readonly place: string,
    private readonly problems: Problems,
  ) {}

  wrong(problem: string, remedy: string): void {
    this.problems.add(this.place === '' ? 'the file' : this.place, problem, remedy);
  }

  /** The entries of a mapping, in the order written; none, and a problem, if it is no mapping. */
  entries(): readonly (readonly [string, Node])[] {
    if (!isMapping(this.value)) {
      this.wrong('must be a mapping', 'write name: value pairs here');
      return [];
    }
    return Object.entries(this.value).map(([name, value]) => [name, this.child(`.${name}`, value)] as const);
  }

  /** The properties of a mapping that may have these and no others. Absent ones are missing from the result. */
  properties<K extends string>(known: readonly K[]): Partial<Record<K, Node>> {
    const found: Partial<Record<K, Node>> = {};
    for (const [name, node] of this.entries()) {
      const property = known.find((candidate) => candidate === name);
      if (property === undefined) node.wrong('is not a known property', `one of: ${known.join(', ')}`);
      else found[property] = node;
    }
    return found;
  }

  /** The items of a list; none, and a problem, if it is no list. */
  items(): readonly Node[] {
    if (!Array.isArray(this.value)) {
      this.wrong('must be a list', 'write it in brackets: [ … ]');
      return [];
    }
    return this.value.map((item, index) => this.child(`[${index}]`, item));
  }

  /** The name of a table or column; null, and a problem, if it can't be one. */
  name(): string | null {
    const { value } = this;
    if (typeof value === 'string' && value !== '' && !value.includes('\0') && Buffer.byteLength(value) <= 63)
      return value;
    this.wrong('must be a name', 'a name of at most 63 bytes, quoted where YAML would read something else');
    return null;
  }

  /** The names of a list. One that stands there twice is a problem. */
  names(): readonly string[] {
    const names: string[] = [];
    for (const item of this.items()) {
      const name = item.name();
      if (name === null) continue;
      if (names.includes(name)) item.wrong('stands there twice', 'remove one of the two');
      else names.push(name);
    }
    return names;
  }

  /** A sentence for people; null, and a problem, if there is none. */
  sentence(what: string): string | null {
    if (typeof this.value === 'string' && this.value.trim() !== '') return this.value.trim();
    this.wrong(`must say ${what}`, `"…${what}…"`);
    return null;
  }

  private child(step: string, value: unknown): Node {
    return new Node(value, this.place === '' ? step.replace(/^\./, '') : this.place + step, this.problems);
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
