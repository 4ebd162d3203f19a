import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Notes of overwritten rows, as they are read back: of one collection and person after another. */
export class NotesOfAPerson1764800000000 implements MigrationInterface {
  readonly name = 'NotesOfAPerson1764800000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_overwrites_person',
      'ON expunge.erasure_overwrites (batch_id, collection, person_id, id)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_overwrites_person');
  }
}
