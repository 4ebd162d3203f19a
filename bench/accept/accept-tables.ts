import { type DataSource } from 'typeorm';
import { sql } from '../../src/database/sql.js';

/** Tables of the same columns and indexes as ours, for those who are compared with us. */
export async function makeAcceptTables(source: DataSource): Promise<void> {
  await source.query(`CREATE SCHEMA IF NOT EXISTS bench;
    CREATE TABLE bench.requests (LIKE expunge.erasure_requests INCLUDING ALL);
    CREATE TABLE bench.subjects (LIKE expunge.erasure_subjects INCLUDING ALL);
    ALTER TABLE bench.subjects ADD FOREIGN KEY (request_id) REFERENCES bench.requests ON DELETE CASCADE`);
}

/** How many requests and entries are there. */
export interface Kept {
  readonly requests: number;
  readonly subjects: number;
}

export async function kept(source: DataSource, whose: 'ours' | 'theirs'): Promise<Kept> {
  const [requests, subjects] =
    whose === 'ours'
      ? ['expunge.erasure_requests', 'expunge.erasure_subjects']
      : ['bench.requests', 'bench.subjects'];
  const [row] = await sql<Kept>(
    source.manager,
    `SELECT (SELECT count(*) FROM ${requests})::integer AS requests, (SELECT count(*) FROM ${subjects})::integer AS subjects`,
  );
  return row ?? { requests: 0, subjects: 0 };
}
