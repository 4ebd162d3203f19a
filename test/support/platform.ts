import { randomBytes, randomUUID } from 'node:crypto';
import { type TestDatabase } from './postgres.js';

type Row = Readonly<Record<string, unknown>>;

export interface UserOptions {
  readonly email?: string;
  readonly enterpriseId?: string;
  /** `channel|channel user id`, counting for all bots, or with the bot it counts for. */
  readonly identities?: readonly (string | readonly [pair: string, botId: string])[];
}

/** Every row of the platform as text, by table: two of them tell exactly what changed. */
export type Snapshot = ReadonlyMap<string, ReadonlySet<string>>;

/** Fills the sample platform of a test with made-up people, in the domain's words. */
export class Platform {
  constructor(private readonly db: TestDatabase) {}

  async account(): Promise<string> {
    const id = randomBytes(12).toString('hex');
    await this.insert('accounts', { id, name: 'Acme' });
    return id;
  }

  async bot(account: string): Promise<string> {
    const id = `st-${randomUUID()}`;
    await this.insert('bots', { id, account_id: account, name: 'Helper' });
    return id;
  }

  async user(account: string, options: UserOptions = {}): Promise<string> {
    const id = `u-${randomUUID()}`;
    await this.insert('users', {
      id,
      account_id: account,
      email: options.email ?? null,
      enterprise_id: options.enterpriseId ?? null,
      first_name: 'Jane',
    });
    for (const identity of options.identities ?? []) {
      const [pair, bot] = typeof identity === 'string' ? [identity, null] : identity;
      await this.identity(id, pair, bot);
    }
    return id;
  }

  /** @param pair `channel|channel user id` */
  async identity(user: string, pair: string, bot: string | null = null): Promise<void> {
    const [channel_id, channel_user_id] = pair.split('|');
    await this.insert('user_identities', { user_id: user, bot_id: bot, channel_id, channel_user_id });
  }

  async accountRole(account: string, user: string, role: string): Promise<void> {
    await this.insert('account_members', { account_id: account, user_id: user, role });
  }

  async botRole(bot: string, user: string, role: string): Promise<void> {
    await this.insert('bot_members', { bot_id: bot, user_id: user, role });
  }

  /** Inserts one row; `id` is made up where the table's is text and none is given. Returns the id, if it has one. */
  async insert(table: string, values: Row): Promise<string> {
    const named = textIds.has(table) && values['id'] === undefined ? { id: randomUUID(), ...values } : values;
    const names = Object.keys(named).map((name) => `"${name}"`);
    const [row] = await this.db.run<{ id?: string }>(
      `INSERT INTO platform."${table}" (${names.join(', ')})
       VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')}) RETURNING *`,
      Object.values(named).map((value) => (isPlain(value) ? JSON.stringify(value) : value)),
    );
    return row?.id ?? '';
  }

  /** A conversation of a known user with a bot: rows in every collection that is tied by user id. Returns its session. */
  async conversation(user: string, bot: string | null): Promise<string> {
    const who = { bot_id: bot, user_id: user };
    const session = await this.insert('sessions', { ...who, channel_id: 'rtm', tags: { vip: true } });
    for (const direction of ['in', 'out']) {
      const message = await this.insert('messages', {
        ...who,
        session_id: session,
        channel_id: 'rtm',
        direction,
        body: { text: 'hello' },
      });
      if (direction === 'in')
        await this.insert('attachments', { ...who, message_id: message, file_name: 'cv.pdf' });
    }
    await this.insert('feedback', { ...who, session_id: session, score: 5, comments: 'nice' });
    if (bot !== null) await this.insert('user_context', { ...who, variables: { city: 'Rome' } });
    await this.insert('oauth_tokens', { ...who, provider: 'mail', token: 'secret' });
    await this.insert('alert_subscriptions', { ...who, alert: 'news' });
    await this.insert('agent_transfers', { ...who, session_id: session, transcript: { said: 'hi' } });
    await this.insert('analytics_events', {
      ...who,
      ip_address: '203.0.113.7',
      event: 'open',
      properties: { page: '/' },
      occurred_on: '2026-03-04T05:06:07Z',
    });
    return session;
  }

  /** Rows that someone left before they were known: tied by channel alone. */
  async anonymousTrace(pair: string, bot: string | null): Promise<void> {
    const [channel_id = '', channel_user_id = ''] = pair.split('|');
    await this.insert('messages', {
      bot_id: bot,
      channel_id,
      channel_user_id,
      direction: 'in',
      body: { text: 'hi' },
    });
    await this.insert('analytics_events', {
      bot_id: bot,
      channel_id,
      channel_user_id,
      event: 'visit',
      properties: { a: 1 },
    });
    await this.insert('debug_logs', {
      bot_id: bot,
      identity: `${channel_id}/${channel_user_id}`,
      context: { raw: 1 },
    });
  }

  async snapshot(): Promise<Snapshot> {
    const tables = await this.db.run<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'platform' ORDER BY tablename`,
    );
    const rows = new Map<string, Set<string>>();
    for (const { name } of tables) {
      const found = await this.db.run<{ row: string }>(
        `SELECT to_jsonb(t)::text AS row FROM platform."${name}" t`,
      );
      rows.set(name, new Set(found.map(({ row }) => row)));
    }
    return rows;
  }

  async count(table: string, where = 'true', parameters: readonly unknown[] = []): Promise<number> {
    const [row] = await this.db.run<{ count: number }>(
      `SELECT count(*)::int AS count FROM platform."${table}" WHERE ${where}`,
      parameters,
    );
    return row?.count ?? 0;
  }
}

/** How many rows went and came between two snapshots, by table; an overwritten row did both. */
export function difference(
  before: Snapshot,
  after: Snapshot,
): Record<string, { gone: number; came: number }> {
  const changes: Record<string, { gone: number; came: number }> = {};
  for (const [table, rows] of before) {
    const now = after.get(table) ?? new Set();
    const gone = [...rows].filter((row) => !now.has(row)).length;
    const came = [...now].filter((row) => !rows.has(row)).length;
    if (gone + came > 0) changes[table] = { gone, came };
  }
  return changes;
}

const textIds = new Set(['sessions', 'messages', 'attachments']);

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Date) && !Buffer.isBuffer(value);
}
