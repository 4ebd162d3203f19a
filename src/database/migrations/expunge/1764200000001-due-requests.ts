import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Requests in which somebody may not be erased, by when they are due, for those who watch. */
export class DueRequests1764200000001 implements MigrationInterface {
  readonly name = 'DueRequests1764200000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_requests_due',
      `ON expunge.erasure_requests (due_on) WHERE status IN ('in-progress', 'partial', 'failed')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_requests_due');
  }
}
