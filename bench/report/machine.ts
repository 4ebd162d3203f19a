import { cpus, release, totalmem, type } from 'node:os';
import { sql } from '../../src/database/sql.js';
import { type BenchServers } from '../servers/bench-servers.js';

/** What the numbers were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  /** What differs from PostgreSQL's defaults. */
  readonly postgresSettings: Readonly<Record<string, string>>;
  readonly redis: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly mode: 'full' | 'quick' | 'tiny';
  readonly commit: string;
  /** That the whole run took, with seeding and everything. */
  readonly seconds: number;
}

/** All but what is known only in the end. */
export async function describeMachine(
  servers: BenchServers,
  mode: Machine['mode'],
  commit: string,
): Promise<Omit<Machine, 'seconds'>> {
  const { manager } = servers.administrator;
  const [version] = await sql<{ server_version: string }>(manager, 'SHOW server_version');
  const settings = await sql<{ name: string; value: string }>(
    manager,
    `SELECT name, current_setting(name) AS value FROM pg_settings
     WHERE name = ANY ($1::text[]) ORDER BY name`,
    [Object.keys(servers.settings)],
  );
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    postgres: version?.server_version ?? 'unknown',
    postgresSettings: Object.fromEntries(settings.map(({ name, value }) => [name, value])),
    redis: servers.redisVersion,
    date: new Date().toISOString(),
    mode,
    commit,
  };
}
