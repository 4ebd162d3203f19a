import { type SettingsValues } from '../../src/config/settings.js';
import { type ErasureStatusDto } from '../../src/erasure/intake/status.dto.js';
import { eventually } from './eventually.js';
import { Platform } from './platform.js';
import { type TestDatabase, testDatabase } from './postgres.js';
import { type TestClient, TestService } from './service.js';
import { ERASE, send, type WireAnswer } from './wire.js';

/** An API that only accepts, and workers that come and go: so that a test says when work begins. */
export class LifecycleWorld {
  private worker: TestService | null = null;

  private constructor(
    readonly db: TestDatabase,
    readonly platform: Platform,
    readonly api: TestService,
    readonly account: string,
    readonly bot: string,
    readonly client: TestClient,
  ) {}

  static async open(overrides: Partial<SettingsValues> = {}): Promise<LifecycleWorld> {
    const db = await testDatabase();
    const platform = new Platform(db);
    const api = await TestService.start(await db.serviceUrl(), {
      role: 'api',
      // The worker is told nothing: it finds its work by looking.
      sweepSeconds: 0.25,
      ...overrides,
    });
    const account = await platform.account();
    const bot = await platform.bot(account);
    return new LifecycleWorld(db, platform, api, account, bot, await api.client(account));
  }

  /** Somebody who talked to the bot. */
  async person(): Promise<string> {
    const user = await this.platform.user(this.account);
    await this.platform.conversation(user, this.bot);
    return user;
  }

  async people(count: number): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, () => this.person()));
  }

  async work(overrides: Partial<SettingsValues> = {}): Promise<void> {
    const settings = { ...this.api.settings, role: 'worker' as const, ...overrides };
    this.worker = await TestService.start(this.api.databaseUrl, settings);
  }

  async rest(): Promise<void> {
    await this.worker?.stop();
    this.worker = null;
  }

  /** Calls what may be done with a request, and holds the answer to what every answer has. */
  call(requestId: string, what: 'cancel' | 'retry', by = this.client, body?: unknown): Promise<WireAnswer> {
    return send(by, { path: `${ERASE}/requests/${requestId}/${what}`, body });
  }

  async messagesOf(user: string): Promise<number> {
    return this.platform.count('messages', 'user_id = $1', [user]);
  }

  async openBatches(requestId: string): Promise<number> {
    return (
      await this.db.run(`SELECT FROM expunge.erasure_batches WHERE request_id = $1 AND state <> 'SETTLED'`, [
        requestId,
      ])
    ).length;
  }

  /** Until a session waits for somebody's lock on a row of this table. */
  async untilBlocked(table: string): Promise<void> {
    await eventually(`somebody waits for ${table}`, async () => {
      const waiting = await this.db.run(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`,
        [table],
      );
      return waiting.length > 0;
    });
  }

  async close(): Promise<void> {
    await this.rest();
    await this.api.stop();
    await this.db.drop();
  }
}

/** The status of each entry, in the order sent. */
export function statusesOf(report: Pick<ErasureStatusDto, 'response'> | WireAnswer['json']): string[] {
  return (report['response'] as ErasureStatusDto['response']).map(({ status }) => status);
}
