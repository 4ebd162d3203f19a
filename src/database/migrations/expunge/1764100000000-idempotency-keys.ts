import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { refuseToDropRows } from '../refuse-to-drop-rows.js';

/** Calls that named themselves by an `Idempotency-Key`. No foreign key: the first answer stands although its request is gone. */
export class IdempotencyKeys1764100000000 implements MigrationInterface {
  readonly name = 'IdempotencyKeys1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE expunge.idempotency_keys (
        client_id text NOT NULL,
        key_hash bytea NOT NULL,
        body_hash bytea NOT NULL,
        request_id text NOT NULL,
        expires_on timestamptz NOT NULL,
        PRIMARY KEY (client_id, key_hash)
      );
      CREATE INDEX idempotency_keys_expires_on ON expunge.idempotency_keys (expires_on);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await refuseToDropRows(runner, 'expunge', ['idempotency_keys']);
    await runner.query('DROP TABLE expunge.idempotency_keys');
  }
}
