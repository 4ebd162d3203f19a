import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { refuseToDropRows } from '../refuse-to-drop-rows.js';

/** How entries ended in former rounds. */
export class Attempts1764100000003 implements MigrationInterface {
  readonly name = 'Attempts1764100000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE expunge.erasure_attempts (
        request_id text NOT NULL REFERENCES expunge.erasure_requests (id) ON DELETE CASCADE,
        position integer NOT NULL,
        round integer NOT NULL,
        status text NOT NULL,
        reason text,
        matched_by text[],
        partly_erased boolean NOT NULL,
        ended_on timestamptz NOT NULL,
        PRIMARY KEY (request_id, position, round)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await refuseToDropRows(runner, 'expunge', ['erasure_attempts']);
    await runner.query('DROP TABLE expunge.erasure_attempts');
  }
}
