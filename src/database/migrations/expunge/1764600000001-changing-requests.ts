import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Requests that are being cancelled or retried: as a rule none, among all others. */
export class ChangingRequests1764600000001 implements MigrationInterface {
  readonly name = 'ChangingRequests1764600000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_requests_changing',
      'ON expunge.erasure_requests (id) WHERE changing IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_requests_changing');
  }
}
