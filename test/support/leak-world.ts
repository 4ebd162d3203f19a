import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { EventLog } from '../../src/common/logging/event-log.js';
import { type SettingsValues } from '../../src/config/settings.js';
import { type ErasureStatusDto } from '../../src/erasure/intake/status.dto.js';
import { Mark } from './marks.js';
import { Platform } from './platform.js';
import { redisUrl, uniquePrefix } from './redis.js';
import { RedisWitness } from './redis-witness.js';
import { type TestClient, TestService } from './service.js';
import { TalkativePostgres } from './talkative-postgres.js';

export const ROUTE = '/api/public/bot/eraseUsersData';

export interface MarkedCall {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A service on real PostgreSQL and Redis, both watched, and everything that it says to anyone. */
export class LeakWorld {
  /** What stands for people's data: must be nowhere but in its own caller's status answers. */
  readonly mark = new Mark();
  /** What stands in the id of a bot: may also be in `bot_ids` and in the server's log, which are not about people. */
  readonly botMark = new Mark();
  readonly bot = `st-${this.botMark.word}`;
  readonly logged: string[] = [];
  private readonly told: string[] = [];
  private readonly services: TestService[] = [];
  private readonly prefix = uniquePrefix();
  readonly masterKey = randomBytes(32);
  private quietUrl: string | null = null;

  private constructor(
    readonly postgres: TalkativePostgres,
    readonly platform: Platform,
    private readonly redis: RedisWitness,
    readonly account: string,
  ) {}

  static async open(): Promise<LeakWorld> {
    const postgres = await TalkativePostgres.start();
    const platform = new Platform(postgres.database);
    const world = new LeakWorld(postgres, platform, await RedisWitness.begin(), await platform.account());
    await platform.insert('bots', { id: world.bot, account_id: world.account });
    return world;
  }

  /** @param url whose role the service runs under; one that may keep the server's log quiet, unless another is given */
  async serve(overrides: Partial<SettingsValues> = {}, url?: string): Promise<TestService> {
    const settings = {
      redisUrl: redisUrl(),
      redisPrefix: this.prefix,
      // High enough to stop nobody: counting happens in Redis only where there is a limit.
      rateLimitPerMinute: 100_000,
      batchAttempts: 2,
      // What the tests do to the platform is not noticed as drift.
      dataMapCheckSeconds: 3_600,
      masterKey: this.masterKey,
      ...overrides,
    };
    const log = new EventLog('debug', { write: (line) => void this.logged.push(line) });
    const service = await TestService.start(url ?? (await this.quietRole()), settings, log);
    this.services.push(service);
    return service;
  }

  /** What `expunge grants` prints, and the one thing that a superuser may grant besides. */
  private async quietRole(): Promise<string> {
    if (this.quietUrl !== null) return this.quietUrl;
    this.quietUrl = await this.postgres.database.serviceUrl();
    const { username } = new URL(this.quietUrl);
    await this.postgres.database.run(
      `GRANT SET ON PARAMETER log_parameter_max_length, log_min_messages TO ${username}`,
    );
    return this.quietUrl;
  }

  /** Sends a call with marks in every header that may hold anything; keeps the answer, head and body. @returns its status */
  async call(
    service: TestService,
    { method = 'POST', path = ROUTE, headers, body }: MarkedCall,
  ): Promise<number> {
    const answer = await fetch(service.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...this.harmless(), ...headers },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    this.told.push(`${JSON.stringify([...answer.headers])}\n${await answer.text()}`);
    return answer.status;
  }

  /** Sends bytes as they are; keeps what comes back until the connection ends. @returns its status */
  async raw(service: TestService, bytes: string): Promise<number> {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.write(bytes);
    await new Promise((closed) => socket.once('close', closed));
    this.told.push(answer);
    return Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]);
  }

  /** The report of a request of one's own: what it echoes to its own caller is no leak, the rest of it is kept. */
  keep(report: ErasureStatusDto): void {
    const echoed = new Set(['userId', 'reference', 'botIds']);
    this.told.push(JSON.stringify(report, (name, value: unknown) => (echoed.has(name) ? undefined : value)));
  }

  async settle(client: TestClient, requestId: string): Promise<ErasureStatusDto> {
    const report = await client.settled(requestId);
    this.keep(report);
    return report;
  }

  /** Whether a line of this event with this code was logged. */
  hasLogged(event: string, code: string): boolean {
    return this.logged.some(
      (line) => line.includes(`"event":"${event}"`) && line.includes(`"code":"${code}"`),
    );
  }

  harmless(): Record<string, string> {
    const names = [
      'user-agent',
      'x-request-id',
      'cookie',
      'referer',
      'x-forwarded-for',
      'traceparent',
      'x-custom',
    ];
    return Object.fromEntries(names.map((name) => [name, this.mark.of(name)]));
  }

  /** Every place where a mark turned up that it must not be in, with what stands around it. */
  async leaks(options: { readonly serverLogFrom?: number } = {}): Promise<readonly string[]> {
    const log = (await this.postgres.log()).slice(options.serverLogFrom ?? 0);
    const redis = `${this.redis.commands}\n${await this.redis.contents(this.prefix)}`;
    const ours = await this.ourTables();
    const places = { 'the log': this.logged.join(''), answers: this.told.join('\n'), Redis: redis };
    const peoples = { ...places, "the server's log": log, 'expunge.*': ours };
    return [
      ...Object.entries(peoples).flatMap(([place, text]) =>
        this.mark.in(text).map((found) => `${place}: ${found}`),
      ),
      ...Object.entries(places).flatMap(([place, text]) =>
        this.botMark.in(text).map((found) => `${place}: ${found}`),
      ),
    ];
  }

  async close(): Promise<void> {
    for (const service of this.services) await service.stop();
    this.redis.end();
    await this.postgres.stop();
  }

  /** Every row of ours as text, without the ids of bots, which are declared to be there (PRIVACY.md). */
  private async ourTables(): Promise<string> {
    const tables = await this.postgres.database.run<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'expunge'`,
    );
    const rows: string[] = [];
    for (const { name } of tables)
      for (const { row } of await this.postgres.database.run<{ row: string }>(
        `SELECT (to_jsonb(t) - 'bot_ids')::text AS row FROM expunge."${name}" t`,
      ))
        rows.push(`${name} ${row}`);
    return rows.join('\n');
  }
}
