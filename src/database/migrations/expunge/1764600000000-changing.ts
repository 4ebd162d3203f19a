import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** A request that is being cancelled or retried says so, until all of its entries are. */
export class Changing1764600000000 implements MigrationInterface {
  readonly name = 'Changing1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE expunge.erasure_requests ADD COLUMN changing text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE expunge.erasure_requests DROP COLUMN changing');
  }
}
