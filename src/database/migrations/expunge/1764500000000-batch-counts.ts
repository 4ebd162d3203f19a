import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { refuseToDropRows } from '../refuse-to-drop-rows.js';

/** Rows erased by each batch: a report adds them up instead of every person's. */
export class BatchCounts1764500000000 implements MigrationInterface {
  readonly name = 'BatchCounts1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE expunge.erasure_batch_counts (
        batch_id bigint NOT NULL REFERENCES expunge.erasure_batches (id) ON DELETE CASCADE,
        collection text NOT NULL,
        rows bigint NOT NULL,
        PRIMARY KEY (batch_id, collection)
      );

      -- A person who waits to be tried again is in no batch; any of the request's will do.
      INSERT INTO expunge.erasure_batch_counts (batch_id, collection, rows)
      SELECT batch_id, collection, sum(rows) FROM (
        SELECT COALESCE(p.batch_id, (SELECT min(b.id) FROM expunge.erasure_batches b WHERE b.request_id = p.request_id))
          AS batch_id, c.collection, c.rows
        FROM expunge.erasure_counts c JOIN expunge.erasure_persons p ON p.id = c.person_id
      ) counted
      WHERE batch_id IS NOT NULL GROUP BY batch_id, collection;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await refuseToDropRows(runner, 'expunge', ['erasure_batch_counts']);
    await runner.query('DROP TABLE expunge.erasure_batch_counts');
  }
}
