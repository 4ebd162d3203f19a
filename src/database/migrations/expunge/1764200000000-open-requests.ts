import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Requests that are not settled, the one that has waited longest first, for those who watch. */
export class OpenRequests1764200000000 implements MigrationInterface {
  readonly name = 'OpenRequests1764200000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_requests_open',
      `ON expunge.erasure_requests (not_before) WHERE settled_on IS NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_requests_open');
  }
}
