import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Persons of a request who are in no batch yet, in the order in which they are cut into batches. */
export class UncutPersons1764400000001 implements MigrationInterface {
  readonly name = 'UncutPersons1764400000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_persons_uncut',
      `ON expunge.erasure_persons (request_id, id) WHERE batch_id IS NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_persons_uncut');
  }
}
