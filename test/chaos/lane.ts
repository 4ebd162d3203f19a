import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type SettingsValues } from '../../src/config/settings.js';
import { DELETE_USERS_DATA, ERASE_IN_BULK, PAUSE } from '../../src/auth/scopes.js';
import { BULK } from '../support/bulk-upload.js';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';
import { type TestClient, TestService } from '../support/service.js';
import { testSettings } from '../support/settings.js';
import { ERASE } from '../support/wire.js';
import { Audit, type Redone } from './audit.js';
import { type Cohort, type Fate, type Home, newMark, rowsOfEach, seedCohort } from './cohort.js';
import { type CrashCase } from './crash-case.js';
import { type HostedService } from './hosted-service.js';
import { RowWitness } from './row-witness.js';

const scopes = [DELETE_USERS_DATA, ERASE_IN_BULK, PAUSE];
export const PEOPLE = 3;
const SETTLED_WITHIN_MS = 150_000;
/** Sixteen lanes look at once: more often they would be what keeps the others. */
const LOOK_EVERY_MS = 150;

/** Rows that one transaction erases: in the directory it is a matter of people, not of this number. */
export const CHUNK_ROWS = 2 * PEOPLE;

/** What the services that crash are told: small chunks, and a lease that has passed when the next one starts. */
const crashing: Partial<SettingsValues> = {
  chunkRows: CHUNK_ROWS,
  leaseSeconds: 1,
  uploadSilenceMs: 300,
  // A page for each entry: several steps to a cancel or a retry.
  planPageEntries: 1,
  workerConcurrency: 1,
  databasePoolSize: 3,
  // Whoever stands still before a commit goes on holding its rows until it is killed.
  idleInTransactionTimeoutMs: 60_000,
};

/** A database of its own in which one service after another crashes. */
export class Lane {
  private readonly seen = new Set<string>();

  private constructor(
    private readonly db: TestDatabase,
    private readonly audit: Audit,
    private readonly api: TestService,
    private readonly client: TestClient,
    private readonly witness: RowWitness,
    private readonly home: Home,
  ) {}

  static async open(queue: CrashCase['queue'], dataMapPath: string): Promise<Lane> {
    const db = await testDatabase();
    const audit = await Audit.install(db);
    const api = await TestService.start(await db.serviceUrl(), {
      role: 'api',
      dataMapPath,
      databasePoolSize: 2,
      ...(queue === 'bull' ? { redisUrl: redisUrl(), redisPrefix: uniquePrefix() } : {}),
    });
    const platform = new Platform(db);
    const account = await platform.account();
    const home = { account, bot: await platform.bot(account) };
    const lane = new Lane(
      db,
      audit,
      api,
      await api.client(account, { scopes }),
      await RowWitness.begin(db),
      home,
    );
    await lane.seed('stays', 2);
    return lane;
  }

  async seed(fate: Fate, people = PEOPLE): Promise<Cohort> {
    return seedCohort((text, values) => this.db.run(text, values), this.home, newMark(fate), people);
  }

  /** How a service of this lane that is to crash is started. */
  hosted({ at, nth, stagesApart }: CrashCase): HostedService {
    const { masterKey, ...settings } = testSettings({
      ...this.api.settings,
      ...crashing,
      ...(stagesApart ? { chunkMs: 0 } : {}),
      role: 'all',
    });
    return { settings: { ...settings, masterKey: masterKey?.toString('base64') ?? '' }, at, nth };
  }

  /** One call, also with somebody twice and somebody unknown. @param url of another service than the lane's own */
  async erase(people: readonly string[], url = this.api.url): Promise<void> {
    await this.post(url + ERASE, 'json', bodyOf(people));
  }

  /** The same, with a key of its own. */
  async eraseOnce(people: readonly string[], url = this.api.url): Promise<void> {
    await this.post(url + ERASE, 'json', bodyOf(people), { 'idempotency-key': randomUUID() });
  }

  /** The same as a stream of lines. */
  async upload(people: readonly string[], url = this.api.url): Promise<void> {
    const lines = [{ RemoveDataFromAllBots: true }, ...withMore(people)];
    await this.post(url + BULK, 'x-ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  private async post(
    url: string,
    type: string,
    body: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const headers = { auth: this.client.token, 'content-type': `application/${type}`, ...more };
    await asked(url, { method: 'POST', headers, body });
  }

  /** A request that nobody plans before tomorrow. @returns its id */
  async eraseTomorrow(userIds: readonly string[]): Promise<string> {
    const notBefore = new Date(Date.now() + 86_400_000).toISOString();
    return this.client.erase({ userIds, RemoveDataFromAllBots: true, notBefore });
  }

  /** A request whose row is changed by hand before anybody looks at it. @returns its id */
  async eraseTampered(userIds: readonly string[]): Promise<string> {
    const requestId = await this.client.erase({ userIds, RemoveDataFromAllBots: true });
    await this.run('UPDATE expunge.erasure_requests SET all_bots = false WHERE id = $1', [requestId]);
    return requestId;
  }

  async change(requestId: string, how: 'cancel' | 'retry', url = this.api.url): Promise<void> {
    await asked(`${url}${ERASE}/requests/${requestId}/${how}`, {
      method: 'POST',
      headers: { auth: this.client.token },
    });
  }

  /** Pulls the brake for the lane's account, or releases it. */
  async brake(what: 'pause' | 'resume', url = this.api.url): Promise<void> {
    await asked(`${url}/api/admin/${what}`, {
      method: 'POST',
      headers: { auth: this.client.token, 'content-type': 'application/json' },
      body: JSON.stringify(what === 'pause' ? { reason: 'a drill' } : {}),
    });
  }

  async run(statement: string, parameters: readonly unknown[] = []): Promise<void> {
    await this.db.run(statement, parameters);
  }

  /** A transaction that holds what `statement` takes. @returns lets go */
  async hold(statement: string, parameters: readonly unknown[] = []): Promise<() => Promise<void>> {
    const runner = this.db.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(statement, [...parameters]);
    return async () => {
      await runner.rollbackTransaction();
      await runner.release();
    };
  }

  async count(table: string, where: string): Promise<number> {
    const [row] = await this.db.run<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${table} WHERE ${where}`,
    );
    return row?.count ?? 0;
  }

  /** Another process works until nothing is left to do. */
  async recover(): Promise<void> {
    const worker = await TestService.start(this.api.databaseUrl, {
      ...this.api.settings,
      role: 'worker',
      // One after the other: of two requests for the same people the first one's report has all their rows.
      workerConcurrency: 1,
      databasePoolSize: 4,
    });
    try {
      await this.until(() => this.allSettled(), SETTLED_WITHIN_MS);
    } finally {
      await worker.stop();
    }
  }

  async allSettled(): Promise<boolean> {
    return (await this.count('expunge.erasure_requests', 'settled_on IS NULL')) === 0;
  }

  async until(fits: () => Promise<boolean>, withinMs: number): Promise<void> {
    for (const deadline = Date.now() + withinMs; !(await fits());) {
      if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms`);
      await wait(LOOK_EVERY_MS);
    }
  }

  /** What became of each entry in the requests since the last look, as `STATUS REASON rows`. */
  async outcomes(): Promise<readonly string[]> {
    const requests = await this.db.run<{ id: string }>(
      'SELECT id FROM expunge.erasure_requests ORDER BY created_on',
    );
    const told: string[] = [];
    for (const { id } of requests.filter(({ id: request }) => !this.seen.has(request))) {
      this.seen.add(id);
      const body = await this.client.report(id);
      for (const { status, reason, sameAs, erased } of body.response)
        told.push(
          [status, reason ?? [], sameAs === undefined ? [] : 'again', rowsIn(erased)].flat().join(' '),
        );
    }
    return told.toSorted();
  }

  async offences(): Promise<readonly string[]> {
    return [
      ...(await this.witness.residue()),
      ...(await this.witness.disturbed()),
      ...(await this.audit.offences()),
    ];
  }

  redone(): Promise<Redone> {
    return this.audit.redone();
  }

  async close(): Promise<void> {
    await this.api.stop();
    await this.db.drop();
  }
}

/** Whether all rows of a person were counted, each where it was. */
function rowsIn(erased: Readonly<Record<string, number>> | undefined): string {
  if (erased === undefined || Object.keys(erased).length === 0) return 'nothing';
  const names = Object.keys(rowsOfEach);
  const all =
    names.length === Object.keys(erased).length && names.every((name) => erased[name] === rowsOfEach[name]);
  return all ? 'all rows' : JSON.stringify(erased);
}

function bodyOf(people: readonly string[]): string {
  return JSON.stringify({ userIds: withMore(people), RemoveDataFromAllBots: true });
}

function withMore(people: readonly string[]): readonly string[] {
  return [...people, ...people.slice(0, 1), 'u-nobody'];
}

/** Asks again while the service is too busy to answer: one that was to crash over the call would never get there. */
async function asked(url: string, call: RequestInit): Promise<void> {
  for (const deadline = Date.now() + SETTLED_WITHIN_MS; Date.now() < deadline;) {
    const { status } = await fetch(url, call);
    if (status !== 503) return;
    await wait(LOOK_EVERY_MS);
  }
}
