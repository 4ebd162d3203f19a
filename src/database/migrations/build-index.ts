import { type QueryRunner } from 'typeorm';

/**
 * Builds an index while the table goes on being written. For migrations with `transaction = false`, one index each: a
 * transaction can't hold it. What an attempt that died left behind (an index that is not valid) is removed first.
 *
 * @param name without schema; `expunge` is meant
 * @param definition what follows the name: `ON expunge.… (…)`
 */
export async function buildIndex(runner: QueryRunner, name: string, definition: string): Promise<void> {
  await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS expunge.${name}`);
  await runner.query(`CREATE INDEX CONCURRENTLY ${name} ${definition}`);
}
