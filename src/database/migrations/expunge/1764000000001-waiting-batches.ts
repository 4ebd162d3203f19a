import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { buildIndex } from '../build-index.js';

/** Batches that wait, by account, for workers that take them in turn. */
export class WaitingBatches1764000000001 implements MigrationInterface {
  readonly name = 'WaitingBatches1764000000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'erasure_batches_in_turn',
      `ON expunge.erasure_batches (data_map_hash, account_id, not_before, id) WHERE state = 'WAITING'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX expunge.erasure_batches_in_turn');
  }
}
