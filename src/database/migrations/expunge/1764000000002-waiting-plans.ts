import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Requests that wait for being planned, by account. A planning that was given back waits until its lease is over. */
export class WaitingPlans1764000000002 implements MigrationInterface {
  readonly name = 'WaitingPlans1764000000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_requests_in_turn',
      `ON expunge.erasure_requests (account_id, GREATEST(not_before, lease_until), id)
       WHERE planned_on IS NULL AND worker IS NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_requests_in_turn');
  }
}
