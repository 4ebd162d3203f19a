/** A statement with its values. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** Collects the values of one statement. Each is written with its type, so that it never makes PostgreSQL cast a column. */
export class Parameters {
  private readonly list: unknown[] = [];

  /** @param type as `format_type` writes it, `text[]` for an array */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }

  get values(): readonly unknown[] {
    return this.list;
  }
}
