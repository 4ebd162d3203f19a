import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Entries that were refused since they are not what was accepted, the latest first: there should be none. */
export class IntegrityFailures1764200000002 implements MigrationInterface {
  readonly name = 'IntegrityFailures1764200000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_subjects_integrity',
      `ON expunge.erasure_subjects (last_updated_on) WHERE reason = 'INTEGRITY'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_subjects_integrity');
  }
}
