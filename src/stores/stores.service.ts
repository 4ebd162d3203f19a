import { type DataSource } from 'typeorm';
import { type EventLog } from '../common/logging/event-log.js';
import { defineEvent } from '../common/logging/event.js';
import { inTransaction, type TransactionLimits } from '../database/transaction.js';
import { type DataMap, type TieKind } from './data-map/data-map.js';
import { dataMapHash } from './data-map/data-map-hash.js';
import { DataMapError } from './data-map/problems.js';
import { PostgresStore } from './postgres/postgres-store.js';
import { type Finding, type NotCovered, type Scope, type Store } from './store.js';

/**
 * Whether the data map fits the live database. `mistake`: the map is wrong, a worker must not start. `drift`: the platform
 * has tables or columns that the map does not know, erasing waits. `unchecked`: nobody could look yet.
 */
export type StoresState = 'unchecked' | 'fits' | 'drift' | 'mistake';

const checked = defineEvent('data_map.checked', { state: 'code', mistakes: 'count', drifts: 'count' });
const found = defineEvent('data_map.finding', { kind: 'code', collection: 'code' });

/** The stores of the data map, and whether it fits. */
export class StoresService {
  private readonly stores: readonly Store[];
  private last: { readonly state: StoresState; readonly findings: readonly Finding[] };

  /** @param map or why there is none: an API serves without, nothing is erased */
  constructor(
    private readonly map: DataMap | DataMapError,
    private readonly dataSource: DataSource,
    private readonly limits: TransactionLimits,
    private readonly log: EventLog,
  ) {
    this.stores = map instanceof DataMapError ? [] : map.stores.map((store) => new PostgresStore(store));
    this.last = { state: 'unchecked', findings: [] };
  }

  /** One for each store of the map. @throws DataMapError when there is no map: no stores must not look like no data */
  get all(): readonly Store[] {
    this.readable();
    return this.stores;
  }

  /** Changes whenever the map says something else. @throws DataMapError */
  get dataMapHash(): string {
    return dataMapHash(this.readable());
  }

  /** Whether rows of some collection are tied to people by this kind of key. @throws DataMapError */
  ties(kind: TieKind): boolean {
    return this.readable().stores.some(({ collections }) =>
      collections.some(({ ties }) => ties.some((tie) => tie.kind === kind)),
    );
  }

  /** As the last `refresh` found it. */
  get state(): StoresState {
    return this.last.state;
  }

  /** What the last `refresh` found wrong. */
  get findings(): readonly Finding[] {
    return this.last.findings;
  }

  /**
   * Holds the map against the live database, remembers the outcome and tells it. Erasing uses the database as it was
   * seen here, so this is called at the start and again and again.
   *
   * @throws DatabaseFault; what was remembered stays
   */
  async refresh(): Promise<readonly Finding[]> {
    const findings = await this.check();
    const mistakes = findings.filter(({ kind }) => kind === 'mistake').length;
    const drifts = findings.length - mistakes;
    const state = mistakes > 0 ? 'mistake' : drifts > 0 ? 'drift' : 'fits';
    const news = findings.filter(
      (finding) => !this.last.findings.some((old) => old.problem === finding.problem),
    );
    if (state !== this.last.state || news.length > 0) {
      this.log[state === 'fits' ? 'info' : 'error'](checked, { state, mistakes, drifts });
      for (const { kind, collection } of news) this.log.error(found, { kind, collection });
    }
    this.last = { state, findings };
    return findings;
  }

  /** What a request of this scope does not erase, in all stores, and why. @throws DataMapError */
  notCovered(scope: Pick<Scope, 'allBots'>): readonly NotCovered[] {
    return this.all.flatMap((store) => store.notCovered(scope));
  }

  private async check(): Promise<readonly Finding[]> {
    if (this.map instanceof DataMapError)
      return this.map.problems.map(({ place, problem, remedy }) => ({
        ...{ kind: 'mistake', collection: place, problem, remedy },
      }));
    return inTransaction(this.dataSource, this.limits, null, async (manager) => {
      const findings: Finding[] = [];
      for (const store of this.stores) findings.push(...(await store.check(manager)));
      return findings;
    });
  }

  private readable(): DataMap {
    if (this.map instanceof DataMapError) throw this.map;
    return this.map;
  }
}
