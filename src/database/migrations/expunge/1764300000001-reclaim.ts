import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { refuseToDropRows } from '../refuse-to-drop-rows.js';

const tables = ['reclaim_watch', 'reclaim_credits'];

/** When the space of erased rows became free. */
export class Reclaim1764300000001 implements MigrationInterface {
  readonly name = 'Reclaim1764300000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE expunge.erasure_batches ADD COLUMN settled_by bigint;
      CREATE INDEX erasure_batches_settled_by ON expunge.erasure_batches (settled_by) WHERE settled_by IS NOT NULL;

      CREATE TABLE expunge.reclaim_watch (
        collection text PRIMARY KEY,
        state jsonb NOT NULL,
        clean_below bigint NOT NULL DEFAULT 0,
        looked_on timestamptz NOT NULL
      );

      CREATE TABLE expunge.reclaim_credits (
        collection text NOT NULL,
        below bigint NOT NULL,
        since timestamptz NOT NULL,
        PRIMARY KEY (collection, below)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await refuseToDropRows(runner, 'expunge', tables);
    for (const table of tables) await runner.query(`DROP TABLE expunge.${table}`);
    await runner.query(`ALTER TABLE expunge.erasure_batches DROP COLUMN settled_by`);
  }
}
