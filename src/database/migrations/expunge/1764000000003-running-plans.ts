import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Plannings under way, the one whose worker has been silent for longest first. */
export class RunningPlans1764000000003 implements MigrationInterface {
  readonly name = 'RunningPlans1764000000003';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_requests_planning',
      'ON expunge.erasure_requests (lease_until, id) WHERE planned_on IS NULL AND worker IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_requests_planning');
  }
}
