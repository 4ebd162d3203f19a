import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** A batch whose worker waits for others on the database says so. */
export class Waiting1764300000000 implements MigrationInterface {
  readonly name = 'Waiting1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE expunge.erasure_batches ADD COLUMN waiting_for text, ADD COLUMN waiting_since timestamptz
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE expunge.erasure_batches DROP COLUMN waiting_for, DROP COLUMN waiting_since`,
    );
  }
}
