import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Requests that are still arriving, and those whose rows are being removed: few among all others. */
export class HiddenRequests1764400000000 implements MigrationInterface {
  readonly name = 'HiddenRequests1764400000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_requests_hidden',
      `ON expunge.erasure_requests (status, lease_until) WHERE status IN ('uploading', 'forgotten')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_requests_hidden');
  }
}
