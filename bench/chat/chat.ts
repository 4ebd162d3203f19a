import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'pg';
import { chatPerson } from '../platform/fingerprint.js';

/** What the chat process is asked to do. */
export interface ChatOrder {
  /** Exchanges a second, evenly, whether the last ones are answered or not. */
  readonly perSecond: number;
  /** Sessions of people who go on chatting. */
  readonly sessions: readonly string[];
}

export interface ChatResult {
  /** Of each statement, from when it was due: what waits behind a slow one counts as well. */
  readonly latenciesMs: readonly number[];
  readonly written: number;
}

/**
 * A chat on the same tables, in a process of its own. Argument: database URL. Answers each order when it is told to stop:
 * reads a session and inserts a message of it, again and again.
 */
const pool = new Pool({
  connectionString: process.argv[2],
  max: 8,
  application_name: 'chat',
  idleTimeoutMillis: 0,
});
pool.on('error', () => undefined);
let chatting: Promise<ChatResult> | null = null;
let stopped = false;

async function chat({ perSecond, sessions }: ChatOrder): Promise<ChatResult> {
  const latenciesMs: number[] = [];
  const open = new Set<Promise<void>>();
  let written = 0;
  const began = performance.now();
  for (let n = 0; !stopped; n += 1) {
    const due = began + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    const session = sessions[n % sessions.length] ?? '';
    const exchange = exchangeOf(session, due, latenciesMs).then(() => {
      written += 1;
    });
    open.add(exchange);
    void exchange.finally(() => open.delete(exchange));
  }
  await Promise.all(open);
  return { latenciesMs, written };
}

async function exchangeOf(session: string, due: number, latenciesMs: number[]): Promise<void> {
  const { rows } = await pool.query<{ user_id: string; bot_id: string }>(
    'SELECT * FROM platform.sessions WHERE id = $1',
    [session],
  );
  const read = performance.now();
  latenciesMs.push(read - due);
  await pool.query(
    `INSERT INTO platform.messages (id, session_id, bot_id, user_id, channel_id, direction, body, created_on)
     VALUES ($1, $2, $3, $4, 'rtm', 'in', '{"text": "hello again, is anybody there?"}', clock_timestamp())`,
    [
      `ms-${randomUUID().replaceAll('-', '')}-${chatPerson}-0`,
      session,
      rows[0]?.bot_id ?? null,
      rows[0]?.user_id ?? null,
    ],
  );
  latenciesMs.push(performance.now() - read);
}

process.on('message', (order) => {
  if (order === 'stop') {
    stopped = true;
    void chatting?.then((result) => process.send?.(result));
  } else {
    stopped = false;
    chatting = chat(order as ChatOrder);
    process.send?.({ begun: true });
  }
});
process.once('disconnect', () => process.exit(0));
process.stdout.write('ready\n');
