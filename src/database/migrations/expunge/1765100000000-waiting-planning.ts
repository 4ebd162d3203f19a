import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** A planning whose worker waits for others on the database says so, as a batch does. */
export class WaitingPlanning1765100000000 implements MigrationInterface {
  readonly name = 'WaitingPlanning1765100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE expunge.erasure_requests ADD COLUMN waiting_for text, ADD COLUMN waiting_since timestamptz
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE expunge.erasure_requests DROP COLUMN waiting_for, DROP COLUMN waiting_since`,
    );
  }
}
