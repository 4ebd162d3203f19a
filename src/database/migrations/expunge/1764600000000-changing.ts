import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** A request that is being cancelled or retried says so, until all of its entries are. */
export class Changing1764600000000 implements MigrationInterface {
  readonly name = 'Changing1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE expunge.erasure_requests ADD COLUMN changing text');
  }

  /** Whoever knows nothing of changes would never bring one to its end. */
  async down(runner: QueryRunner): Promise<void> {
    const open = (await runner.query(
      'SELECT FROM expunge.erasure_requests WHERE changing IS NOT NULL LIMIT 1',
    )) as unknown[];
    if (open.length > 0)
      throw new Error('requests are being cancelled or retried: let workers finish that first');
    await runner.query('ALTER TABLE expunge.erasure_requests DROP COLUMN changing');
  }
}
