import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Accepts a call: writes a request and its first entries. A function, because most calls are nothing but this: the server
 * keeps its plans for the session, also where a transaction pooler lies between, and none of them reads a table as a whole,
 * not even for the foreign key of an entry (`inTransaction` tells why that would stay so).
 */
export class AcceptErasure1764900000000 implements MigrationInterface {
  readonly name = 'AcceptErasure1764900000000';

  /**
   * `entries` is all of their bytes; entry n begins at `starts[n]` and is `lengths[n]` long. Times that workers compare are
   * the database's own; the deadline, a span of the calendar, is counted in UTC.
   */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE FUNCTION expunge.accept_erasure(
         id text, account_id text, client_id text, all_bots boolean, bot_ids text[], reference bytea,
         received_on timestamptz, deadline interval, not_before timestamptz, grace_seconds double precision,
         total integer, mac bytea, entries bytea, starts integer[], lengths integer[]
       ) RETURNS timestamptz
       LANGUAGE plpgsql
       SET row_security = off
       SET jit = off
       SET enable_seqscan = off
       AS $function$
       DECLARE
         accepted_on CONSTANT timestamptz := date_trunc('milliseconds', clock_timestamp());
       BEGIN
         INSERT INTO expunge.erasure_requests
           (id, account_id, client_id, all_bots, bot_ids, reference, received_on, due_on, not_before, created_on,
            last_updated_on, total, mac)
         VALUES
           (id, account_id, client_id, all_bots, bot_ids, reference, received_on,
            (received_on AT TIME ZONE 'UTC' + deadline) AT TIME ZONE 'UTC',
            GREATEST(not_before, accepted_on + make_interval(secs => grace_seconds)), accepted_on,
            accepted_on, total, mac);
         INSERT INTO expunge.erasure_subjects (request_id, position, entry, last_updated_on)
         SELECT id, e.nth - 1, substring(entries FROM e.start FOR e.length), accepted_on
         FROM unnest(starts, lengths) WITH ORDINALITY AS e (start, length, nth);
         RETURN accepted_on;
       END
       $function$`,
    );
    // It does nothing that its caller may not do by hand.
    await runner.query('GRANT EXECUTE ON FUNCTION expunge.accept_erasure TO PUBLIC');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION expunge.accept_erasure');
  }
}
