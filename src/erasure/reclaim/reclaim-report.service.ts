import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type ReclaimReason, reasonFor } from './reclaim-state.js';
import { ReclaimRepository } from './reclaim.repository.js';

/** What can be told of one erased person. */
export interface Reclaimed {
  /** By collection: since when no query could bring the rows back; null: not known to be so. */
  readonly since: Readonly<Record<string, string | null>>;
  /** Why not, for those. */
  readonly reasons: Readonly<Record<string, ReclaimReason>>;
}

/** @param settledBy the transaction after which all of the person was erased; null: it has not ended yet */
export type ReclaimReport = (settledBy: string | null, collections: readonly string[]) => Reclaimed;

/** Tells since when the space of erased rows has been free. */
@Injectable()
export class ReclaimReportService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly repository: ReclaimRepository,
  ) {}

  /** Two statements, however many persons. */
  async about(settledBy: ReadonlySet<string>, collections: ReadonlySet<string>): Promise<ReclaimReport> {
    const { manager } = this.dataSource;
    const watched = collections.size === 0 ? [] : await this.repository.watched(manager);
    const states = new Map(watched.map(({ collection, state }) => [collection, state]));
    const freed =
      settledBy.size === 0 ? [] : await this.repository.freed(manager, [...settledBy], [...collections]);
    const times = new Map(
      freed.map((row) => [`${row.settledBy} ${row.collection}`, row.since.toISOString()]),
    );
    return (by, names) => {
      const since: Record<string, string | null> = {};
      const reasons: Record<string, ReclaimReason> = {};
      for (const name of names) {
        const time = by === null ? undefined : times.get(`${by} ${name}`);
        since[name] = time ?? null;
        if (time === undefined)
          reasons[name] = reasonFor(states.get(name) ?? null, by === null ? null : Number(by));
      }
      return { since, reasons };
    };
  }
}
