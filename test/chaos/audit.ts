import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { mayMove, type SubjectStatus } from '../../src/erasure/erasure-status.js';
import { type TestDatabase } from '../support/postgres.js';

/** What one committed transaction wrote for a batch. */
interface Claimed {
  readonly batch: string;
  readonly fence: string;
  readonly worker: string | null;
}

/** Rows of which a transaction that was rolled back had taken hold. */
export interface Redone {
  readonly rows: number;
  /** Those that are not the directory's. */
  readonly records: number;
}

/**
 * Watches from inside the database: triggers write down who held which batch when it wrote, and how entries moved. What was
 * rolled back is not among it, except for `touched` and `touched_records`, sequences, which roll back with nothing.
 */
export class Audit {
  private constructor(private readonly db: TestDatabase) {}

  static async install(db: TestDatabase): Promise<Audit> {
    await db.run('CREATE SCHEMA IF NOT EXISTS audit');
    for (const statement of statements(await collections())) await db.run(statement);
    return new Audit(db);
  }

  /** Everything about writing that must never be. */
  async offences(): Promise<readonly string[]> {
    return [
      ...(await this.unfenced()),
      ...(await this.twoAtOnce()),
      ...(await this.usurped()),
      ...(await this.backwards()),
      ...(await this.parted()),
    ];
  }

  /** Rows that were deleted or overwritten and then rolled back: done again, or by somebody else. */
  async redone(): Promise<Redone> {
    const [row] = await this.db.run<Redone>(
      `SELECT (touched.last_value - touched.unused - erased.rows)::int AS rows,
              (records.last_value - records.unused - erased.records)::int AS records
       FROM (SELECT last_value, (NOT is_called)::int AS unused FROM audit.touched) touched,
         (SELECT last_value, (NOT is_called)::int AS unused FROM audit.touched_records) records,
         (SELECT coalesce(sum(rows), 0) AS rows, coalesce(sum(records), 0) AS records FROM audit.erasures) erased`,
    );
    if (!row) throw new Error('no answer');
    return row;
  }

  /** Rows erased by a transaction that did not hold a batch. */
  private async unfenced(): Promise<readonly string[]> {
    const rows = await this.db.run<{ name: string }>(
      `SELECT DISTINCT e.name FROM audit.erasures e
       WHERE NOT EXISTS (SELECT FROM audit.fences f WHERE f.xid = e.xid AND f.seq < e.seq)`,
    );
    return rows.map(({ name }) => `${name} was written without a claim`);
  }

  /** Committed writes of a batch follow each other in the order of their fences, each fence one worker's. */
  private async twoAtOnce(): Promise<readonly string[]> {
    const rows = await this.db.run<Claimed>(
      'SELECT batch, fence, worker FROM audit.fences WHERE worker IS NOT NULL ORDER BY batch, seq',
    );
    const found: string[] = [];
    const holders = new Map<string, string | null>();
    let last: Claimed | null = null;
    for (const row of rows) {
      if (last?.batch === row.batch && BigInt(row.fence) < BigInt(last.fence))
        found.push(`batch ${row.batch}: fence ${row.fence} wrote after ${last.fence}`);
      const claim = `${row.batch} ${row.fence}`;
      if (holders.has(claim) && holders.get(claim) !== row.worker)
        found.push(`batch ${row.batch}: two workers with fence ${row.fence}`);
      holders.set(claim, row.worker);
      last = row;
    }
    return found;
  }

  /** A session belongs to one worker: one that writes while the batch is another's was taken over. */
  private async usurped(): Promise<readonly string[]> {
    const rows = await this.db.run<{ batches: string }>(
      `SELECT string_agg(DISTINCT batch::text, ', ') AS batches FROM audit.fences WHERE worker IS NOT NULL
       GROUP BY session HAVING count(DISTINCT worker) > 1`,
    );
    return rows.map(({ batches }) => `a worker wrote while another held the batch, one of ${batches}`);
  }

  /** Where all is settled, an entry and the person whom it means have ended alike: nobody is left who might be erased yet. */
  private async parted(): Promise<readonly string[]> {
    const rows = await this.db.run<{ entry: string; person: string }>(
      `SELECT DISTINCT s.status AS entry, p.status AS person
       FROM expunge.erasure_requests r JOIN expunge.erasure_subjects s ON s.request_id = r.id
         JOIN expunge.erasure_persons p ON p.id = s.person_id
       WHERE r.settled_on IS NOT NULL AND s.status <> p.status`,
    );
    return rows.map(({ entry, person }) => `an entry is ${entry}, and its person ${person}`);
  }

  /** Entries only move forward; a new round opens what may be judged again. */
  private async backwards(): Promise<readonly string[]> {
    const rows = await this.db.run<{ was: SubjectStatus; became: SubjectStatus }>(
      'SELECT DISTINCT was, became FROM audit.moves',
    );
    return rows
      .filter(({ was, became }) => !mayMove(was, became) && !(became === 'PENDING' && reopened.includes(was)))
      .map(({ was, became }) => `an entry went from ${was} to ${became}`);
  }
}

const reopened: readonly SubjectStatus[] = ['FAILED', 'PROTECTED', 'AMBIGUOUS'];

/** The data map of the repository, told of the triggers: one that it doesn't know refuses the start. */
export async function auditedDataMap(path: string): Promise<string> {
  const map = parse(await readFile('data-map.yaml', 'utf8')) as DataMapText;
  for (const collection of Object.values(map.stores.platform.collections))
    collection['triggers'] = { audit_delete: 'counts what goes', audit_update: 'counts what is overwritten' };
  await writeFile(path, stringify(map));
  return path;
}

type Collections = Record<string, Record<string, unknown>>;

interface DataMapText {
  readonly stores: { readonly platform: { readonly collections: Collections } };
}

async function collections(): Promise<Collections> {
  const map = parse(await readFile('data-map.yaml', 'utf8')) as DataMapText;
  return map.stores.platform.collections;
}

function statements(collections: Collections): readonly string[] {
  return [
    `CREATE SEQUENCE audit.touched`,
    `CREATE SEQUENCE audit.touched_records`,
    `CREATE SEQUENCE audit.seq`,
    `CREATE TABLE audit.fences (seq bigint, at timestamptz, xid xid8, pid int, session text, batch bigint, fence bigint, worker text, state text)`,
    `CREATE INDEX ON audit.fences (pid)`,
    `CREATE TABLE audit.erasures (seq bigint, at timestamptz, xid xid8, pid int, name text, rows bigint, records bigint)`,
    `CREATE TABLE audit.moves (at timestamptz, request text, position int, was text, became text)`,
    `CREATE FUNCTION audit.fence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN
       IF coalesce(current_setting('audit.session', true), '') = '' THEN
         PERFORM set_config('audit.session', gen_random_uuid()::text, false);
       END IF;
       INSERT INTO audit.fences VALUES (nextval('audit.seq'), clock_timestamp(), pg_current_xact_id(), pg_backend_pid(),
         current_setting('audit.session'), NEW.id, NEW.fence, NEW.worker, NEW.state);
       RETURN NULL;
     END$$`,
    // Whoever finds a worker dead ends its lease and holds nothing: only who has a lease from here on writes for the batch.
    `CREATE TRIGGER audit_fence AFTER UPDATE ON expunge.erasure_batches FOR EACH ROW
       WHEN (NEW.lease_until > clock_timestamp()) EXECUTE FUNCTION audit.fence()`,
    `CREATE FUNCTION audit.erasure() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN
       IF EXISTS (SELECT FROM gone g WHERE g::text LIKE '%poison-%') THEN RAISE EXCEPTION 'poison'; END IF;
       INSERT INTO audit.erasures
         SELECT nextval('audit.seq'), clock_timestamp(), pg_current_xact_id(), pg_backend_pid(), TG_TABLE_NAME, count(*), count(record)
         FROM (SELECT nextval('audit.touched'),
                 CASE TG_ARGV[0] WHEN 'record' THEN nextval('audit.touched_records') END AS record
               FROM gone) touched HAVING count(*) > 0;
       RETURN NULL;
     END$$`,
    ...Object.entries(collections).flatMap(([name, { directory }]) =>
      ['DELETE', 'UPDATE'].map(
        (event) =>
          `CREATE TRIGGER audit_${event.toLowerCase()} AFTER ${event} ON platform."${name}"
           REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION audit.erasure('${directory === true ? 'directory' : 'record'}')`,
      ),
    ),
    `CREATE FUNCTION audit.move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN
       INSERT INTO audit.moves SELECT clock_timestamp(), NEW.request_id, NEW.position, OLD.status, NEW.status;
       RETURN NULL;
     END$$`,
    `CREATE TRIGGER audit_move AFTER UPDATE ON expunge.erasure_subjects FOR EACH ROW
       WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION audit.move()`,
  ];
}
