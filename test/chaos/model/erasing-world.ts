import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { DELETE_USERS_DATA, PAUSE } from '../../../src/auth/scopes.js';
import { type SettingsValues } from '../../../src/config/settings.js';
import { type ErasureStatusDto } from '../../../src/erasure/intake/status.dto.js';
import { Platform } from '../../support/platform.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { signedToken } from '../../support/tokens.js';
import { Audit, auditedDataMap } from '../audit.js';
import { type Home, newMark, seedCohort } from '../cohort.js';
import { RowWitness, witnessed } from '../row-witness.js';
import { type Fault, MortalService } from './mortal-service.js';

const ERASE = '/api/public/bot/eraseUsersData';
const SERVICES = 2;
const SETTLED_WITHIN_MS = 40_000;
const ANSWERS_WITHIN_MS = 4_000;

/** A short lease, with every time-out below it, and pieces of a few rows. */
const quick: Partial<SettingsValues> = {
  // Whoever takes over is another service, never another loop of the same one.
  workerConcurrency: 1,
  leaseSeconds: 0.8,
  sweepSeconds: 0.2,
  statementTimeoutMs: 700,
  lockTimeoutMs: 200,
  idleInTransactionTimeoutMs: 400,
  planPageEntries: 2,
  batchPersons: 2,
  chunkPersons: 2,
  chunkRows: 4,
  databasePoolSize: 4,
};

/** What came of a call that changes the course of a request. */
export interface Changed<Body> {
  readonly status: number;
  readonly body: Body;
  /** It was sent more than once, since nobody had answered: perhaps it was carried out more than once. */
  readonly lost: boolean;
}

/** Two services at work, of which one may die at any moment, and then is replaced. */
export class ErasingWorld {
  private readonly services: MortalService[] = [];
  private readonly graves: MortalService[] = [];
  private started = 0;
  private replacing: Promise<void> = Promise.resolve();
  private home: Home = { account: '', bot: '' };
  private caller = { clientId: '', clientSecret: '' };
  private readonly marks: string[] = [];

  private constructor(
    readonly db: TestDatabase,
    private readonly serviceUrl: string,
    private readonly settings: Partial<SettingsValues>,
    private readonly chunkMs: readonly number[],
    private readonly witness: RowWitness,
    private readonly audit: Audit,
  ) {}

  /** @param chunkMs of one service after the other: with 0 each stage of a group is a transaction of its own */
  static async open(dataMapPath: string, chunkMs: readonly number[]): Promise<ErasingWorld> {
    const db = await testDatabase();
    const audit = await Audit.install(db);
    const settings = { ...quick, masterKey: randomBytes(32), dataMapPath: await auditedDataMap(dataMapPath) };
    const witness = await RowWitness.begin(db);
    const world = new ErasingWorld(db, await db.serviceUrl(), settings, chunkMs, witness, audit);
    for (let n = 0; n < SERVICES; n += 1) await world.add();
    return world;
  }

  /** An account of its own for a run, with as many people. @returns their rows */
  async begin(people: number): Promise<readonly ReadonlySet<string>[]> {
    const platform = new Platform(this.db);
    const account = await platform.account();
    this.home = { account, bot: await platform.bot(account) };
    await this.witness.remember();
    await this.replacing;
    this.caller = await this.living().running.client(account, { scopes: [DELETE_USERS_DATA, PAUSE] });
    await this.seed(newMark('stays'), 2);
    this.marks.splice(0);
    for (let n = 0; n < people; n += 1) this.marks.push(newMark('gone'));
    for (const mark of this.marks) await this.seed(mark, 1);
    return Promise.all(this.marks.map((_, number) => this.rowsOf(number)));
  }

  userId(number: number): string {
    return `u-${this.marks[number % this.marks.length] ?? ''}-1`;
  }

  /** Calls until somebody accepts, always with the same key. @returns the request's id */
  async erase(persons: readonly number[], key: string): Promise<string> {
    const body = JSON.stringify({
      userIds: persons.map((number) => this.userId(number)),
      RemoveDataFromAllBots: true,
    });
    const { answer } = await this.answered('POST', ERASE, body, { 'idempotency-key': key });
    if (answer.status !== 200) throw new Error(`refused: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { requestId: string }).requestId;
  }

  /** The person writes to the bot. @returns the new rows */
  async write(number: number): Promise<readonly string[]> {
    const user = this.userId(number);
    const { bot } = this.home;
    return [
      await this.insert('feedback', '(bot_id, user_id, score) VALUES ($1, $2, 4)', [bot, user]),
      await this.insert('debug_logs', '(bot_id, identity) VALUES ($1, $2)', [bot, `web/${user.slice(2)}`]),
    ];
  }

  /** @returns the rows that were there at that moment; null: they are gone already */
  async makeOwner(number: number): Promise<ReadonlySet<string> | null> {
    const runner = this.db.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      await runner.query(
        `WITH t AS (INSERT INTO platform.bot_members (bot_id, user_id, role) VALUES ($1, $2, 'owner')
                    ON CONFLICT DO NOTHING RETURNING *)
         INSERT INTO audit.row_before ${witnessed('bot_members', 't')}`,
        [this.home.bot, this.userId(number)],
      );
      // Nobody erases while this transaction holds its lock: what is there now is there at its commit.
      const rows = await this.rowsOf(number, (text, values) => runner.query(text, [...values]));
      await runner.commitTransaction();
      return rows;
    } catch (error) {
      await runner.rollbackTransaction();
      // The user is gone.
      if ((error as { code?: string }).code === '23503') return null;
      throw error;
    } finally {
      await runner.release();
    }
  }

  async dismiss(number: number): Promise<void> {
    await this.db.run('DELETE FROM platform.bot_members WHERE user_id = $1', [this.userId(number)]);
  }

  /** Calls until somebody answers. */
  async change<Body>(requestId: string, what: 'cancel' | 'retry'): Promise<Changed<Body>> {
    const { answer, lost } = await this.answered('POST', `${ERASE}/requests/${requestId}/${what}`);
    if (![200, 409].includes(answer.status)) throw new Error(`${what} is ${answer.status}`);
    return { status: answer.status, body: (await answer.json()) as Body, lost };
  }

  /** Lets the work of the account rest, or go on. */
  async brake(what: 'pause' | 'resume'): Promise<void> {
    const body = JSON.stringify(what === 'pause' ? { reason: 'to see it rest' } : {});
    const { answer } = await this.answered('POST', `/api/admin/${what}`, body);
    if (answer.status !== 200) throw new Error(`${what} is ${answer.status}`);
  }

  /**
   * Until whoever had looked at the brake before it was pulled is through: they hold their batches until they commit. Looked
   * at twice, for one who had begun to look and did not hold a batch yet.
   */
  async rest(): Promise<void> {
    for (let n = 0; n < 2; n += 1)
      await this.db.run(`SELECT FROM expunge.erasure_batches WHERE state = 'RUNNING' FOR SHARE`);
  }

  /** Since there is this world. */
  async rowsErased(): Promise<number> {
    const [row] = await this.db.run<{ rows: number }>(
      'SELECT coalesce(sum(rows), 0)::int AS rows FROM audit.erasures',
    );
    return row?.rows ?? 0;
  }

  arm(fault: Fault | null): void {
    MortalService.arm(fault, {
      onDeath: () => {
        this.replacing = this.replacing.then(() => this.add());
      },
      look: async () => {
        const held = await this.db.run<{ id: string; fence: string }>(
          `SELECT id, fence FROM expunge.erasure_batches WHERE state = 'RUNNING'`,
        );
        return async () => {
          const now = await this.db.run(
            `SELECT FROM expunge.erasure_batches b JOIN unnest($1::bigint[], $2::bigint[]) AS h (id, fence) ON b.id = h.id
             WHERE b.fence > h.fence`,
            [held.map(({ id }) => id), held.map(({ fence }) => fence)],
          );
          return now.length > 0;
        };
      },
    });
  }

  /** Until somebody erases for the request, or it has settled. */
  async begun(requestId: string): Promise<void> {
    await this.until('begun', async () => {
      const rows = await this.db.run(
        `SELECT FROM expunge.erasure_requests WHERE id = $1 AND settled_on IS NOT NULL
         UNION ALL SELECT FROM expunge.erasure_batches WHERE request_id = $1 AND state = 'RUNNING'`,
        [requestId],
      );
      return rows.length > 0;
    });
  }

  /** Until nothing is left to do; a fault that was armed may still happen meanwhile. Then all services live again. */
  async settle(): Promise<void> {
    await this.until('settled', async () => {
      const open = await this.db.run('SELECT FROM expunge.erasure_requests WHERE settled_on IS NULL');
      return open.length === 0;
    });
    this.arm(null);
    await this.replacing;
  }

  /** Until the claims that there are now have run out, or are over. */
  async letLeasesPass(): Promise<void> {
    await this.until('leases', async () => {
      const held = await this.db.run(
        `SELECT FROM expunge.erasure_batches WHERE state = 'RUNNING' AND lease_until > clock_timestamp() + interval '0.5 s'`,
      );
      return held.length === 0;
    });
  }

  async report(requestId: string): Promise<ErasureStatusDto> {
    const { answer } = await this.answered('GET', `${ERASE}/status/${requestId}`);
    if (answer.status !== 200) throw new Error(`no status: ${answer.status}`);
    return (await answer.json()) as ErasureStatusDto;
  }

  /** Rows that carry the person's name, but for roles. */
  async rowsOf(
    number: number,
    ...run: readonly [((text: string, values: readonly unknown[]) => Promise<unknown>)?]
  ): Promise<ReadonlySet<string>> {
    const rows = await this.witness.rowsWith(this.userId(number).slice(2), ...run);
    return new Set([...rows].filter((row) => !row.startsWith('bot_members ')));
  }

  async offences(): Promise<readonly string[]> {
    return [...(await this.witness.disturbed()), ...(await this.audit.offences())];
  }

  async close(): Promise<void> {
    this.arm(null);
    await this.replacing;
    MortalService.release();
    for (const service of [...this.services, ...this.graves]) await service.stop();
    await this.db.drop();
  }

  private async seed(mark: string, people: number): Promise<void> {
    await seedCohort((text, values) => this.db.run(text, values), this.home, mark, people);
  }

  /** @returns the row, as `table key` */
  private async insert(table: string, values: string, parameters: readonly unknown[]): Promise<string> {
    const [row] = await this.db.run<{ name: string; key: string }>(
      `WITH t AS (INSERT INTO platform.${table} ${values} RETURNING *)
       INSERT INTO audit.row_before ${witnessed(table, 't')} RETURNING name, key`,
      parameters,
    );
    return `${row?.name ?? ''} ${row?.key ?? ''}`;
  }

  private async add(): Promise<void> {
    const dead = this.services.filter(({ alive }) => !alive);
    this.graves.push(...dead);
    for (const one of dead) this.services.splice(this.services.indexOf(one), 1);
    const chunkMs = this.chunkMs[this.started % this.chunkMs.length] ?? 0;
    this.started += 1;
    this.services.push(await MortalService.start(this.serviceUrl, { ...this.settings, chunkMs }));
  }

  private living(): MortalService {
    const service = this.services.find(({ alive }) => alive);
    if (!service) throw new Error('everybody is dead');
    return service;
  }

  /** Calls until somebody answers. */
  private async answered(
    ...call: Parameters<ErasingWorld['call']>
  ): Promise<{ readonly answer: Response; readonly lost: boolean }> {
    let lost = false;
    for (const deadline = Date.now() + SETTLED_WITHIN_MS; Date.now() < deadline;) {
      const answer = await this.call(...call);
      if (answer && answer.status < 500) return { answer, lost };
      lost = true;
      // Where all are dead, whoever replaces them must get a turn.
      await wait(20);
    }
    throw new Error('nobody answers');
  }

  /** By any service that lives; null: it died, or does not answer. */
  private async call(
    method: string,
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response | null> {
    const service = this.services.find(({ alive }) => alive);
    if (!service) return null;
    const now = Math.floor(Date.now() / 1000);
    const { clientId, clientSecret } = this.caller;
    return fetch(service.url + path, {
      method,
      headers: {
        auth: signedToken(clientSecret, { sub: 'model', appId: clientId, iat: now, exp: now + 600 }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    }).catch(() => null);
  }

  private async until(what: string, fits: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + SETTLED_WITHIN_MS; !(await fits());) {
      if (Date.now() > deadline) throw new Error(`not ${what} within ${SETTLED_WITHIN_MS} ms`);
      await wait(20);
    }
  }
}

/** @returns a key for calls that mean the same */
export function newKey(): string {
  return randomUUID();
}
