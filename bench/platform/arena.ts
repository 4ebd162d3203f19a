import { randomUUID } from 'node:crypto';
import { type DataSource } from 'typeorm';
import { loadDataMap } from '../../src/stores/data-map/load-data-map.js';
import { grantsSql } from '../../src/stores/grants/grants.js';
import { progress } from '../frame/progress.js';
import { type BenchServers, connect } from '../servers/bench-servers.js';
import { Fingerprint } from './fingerprint.js';
import { type Layout, personsOf, type Population, userIdOf } from './layout.js';

/** One for each table that is seeded, and the rest: who waits for one for long gives up. */
const connections = 16;

/** Persons whom one run erases: those of some slices of the population. */
export interface Slice {
  readonly numbers: ReadonlySet<number>;
  readonly userIds: readonly string[];
  /** Of personal data, without the directory's. */
  readonly rows: number;
}

/** A database with a seeded platform, on whose slices contestants run one after the other. */
export class Arena {
  private used = 0;

  private constructor(
    readonly servers: BenchServers,
    readonly layout: Layout,
    readonly population: Population,
    /** Of the owner of both schemas. */
    readonly ownerUrl: string,
    /** Of a role that holds what `expunge grants` prints. */
    readonly serviceUrl: string,
    /** The owner's connections. */
    readonly source: DataSource,
    private readonly name: string,
    /** The service's, by which its connections can be told. */
    readonly role: string,
  ) {}

  static async open(servers: BenchServers, layout: Layout, population: Population): Promise<Arena> {
    const suffix = randomUUID().replaceAll('-', '');
    const name = `bench_${suffix}`;
    const role = `service_${suffix}`;
    const ownerUrl = await servers.createDatabase(name);
    const source = await connect(ownerUrl, connections);
    await layout.seed(source, population);
    const serviceUrl = await makeServiceRole(source, layout, ownerUrl, role);
    // All rows are visible to all and on disk, so that no run pays for the seeding.
    await source.query('VACUUM (FREEZE, ANALYZE)');
    await source.query('CHECKPOINT');
    const rows = population.persons * layout.rowsPerPerson;
    progress(`seeded ${population.persons} persons, ${rows} rows`);
    return new Arena(servers, layout, population, ownerUrl, serviceUrl, source, name, role);
  }

  /** Whom the next run erases. @throws Error when too few are left */
  next(slices: number): Slice {
    if (this.used + slices > this.population.slices) throw new Error('no slice is left');
    const numbers = Array.from({ length: slices }, (_, index) => this.used + index);
    this.used += slices;
    const persons = numbers.flatMap((number) => personsOf(number, this.population));
    const rows = persons.length * this.layout.rowsPerPerson;
    return { numbers: new Set(numbers), userIds: persons.map(userIdOf), rows };
  }

  async fingerprint(): Promise<Fingerprint> {
    return Fingerprint.of(this.source, this.layout, this.population);
  }

  async close(): Promise<void> {
    await this.source.destroy();
    await this.servers.removeDatabase(this.name);
    await this.servers.administrator.query(`DROP ROLE ${this.role}`);
  }
}

async function makeServiceRole(
  source: DataSource,
  layout: Layout,
  ownerUrl: string,
  role: string,
): Promise<string> {
  const password = randomUUID();
  await source.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  const map = await loadDataMap(layout.dataMapPath);
  await source.query(await grantsSql(source.manager, map, { role, withoutDelete: false }));
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = password;
  return url.href;
}
