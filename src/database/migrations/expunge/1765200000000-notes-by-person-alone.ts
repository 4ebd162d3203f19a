import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Notes are read person by person, by an index that begins with the batch as well. While there are few, the one that this
 * drops costs as much by the planner's reckoning, and a plan kept by it reads all notes of the batch once for each person.
 */
export class NotesByPersonAlone1765200000000 implements MigrationInterface {
  readonly name = 'NotesByPersonAlone1765200000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS expunge.erasure_overwrites_batch');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX erasure_overwrites_batch ON expunge.erasure_overwrites (batch_id, id)');
  }
}
