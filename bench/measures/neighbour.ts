import { fileURLToPath } from 'node:url';
import { sql } from '../../src/database/sql.js';
import { type ChatOrder, type ChatResult } from '../chat/chat.js';
import { ChatWaits, type Waits } from '../chat/chat-waits.js';
import { Engine } from '../contestants/engine.js';
import { takeTurns, resultsOf, type Turn } from '../frame/turns.js';
import { Watch } from '../frame/watch.js';
import { Arena } from '../platform/arena.js';
import { personsOf, userIdOf } from '../platform/layout.js';
import { sampleLayout } from '../platform/sample-layout.js';
import { type DetailedMeasure, measure } from '../report/measure.js';
import { median, medianInterval, quantile } from '../report/statistics.js';
import { BenchProcess } from '../servers/child-process.js';
import { type Group, type GroupContext } from './group.js';

const chatModule = fileURLToPath(new URL('../chat/chat.ts', import.meta.url));
const perSecond = 100;
const watchEveryMs = 5;

interface Window {
  readonly p99Ms: number;
  readonly seconds: number;
  readonly transactionsMs: readonly number[];
  readonly right: boolean;
  readonly waits: Waits;
}

/** What a chat on the same tables notices of erasing. */
export const neighbour: Group = {
  name: 'neighbour',
  async run(context) {
    return [
      ...(await measureAt(context, 'gentle', 'neighbour', 1.5)),
      ...(await measureAt(context, 'full', 'neighbour/full-speed', 3)),
    ];
  },
};

async function measureAt(
  context: GroupContext,
  pace: 'gentle' | 'full',
  name: string,
  target: number,
): Promise<readonly DetailedMeasure[]> {
  const { servers, sizes, random } = context;
  const { persons, idleSeconds } = sizes.neighbour[pace];
  const slices = sizes.repetitions + 3;
  const arena = await Arena.open(servers, sampleLayout(50), { persons: persons * slices, slices });
  const chat = await BenchProcess.start(chatModule, {
    args: [arena.ownerUrl],
    ready: /ready/,
    typescript: true,
  });
  const engine = await Engine.open(arena, { slices: 1, env: { EXPUNGE_PACE: pace } });
  try {
    const sessions = await sessionsOf(arena, slices - 1);
    const turns = [idle(arena, chat, sessions, idleSeconds), running(arena, chat, sessions, engine)];
    const results = await takeTurns(turns, sizes.repetitions, random, () => arena.source.query('CHECKPOINT'));
    const [quiet, busy] = [resultsOf(results, 'idle'), resultsOf(results, 'running')];
    const ratios = busy.map(({ p99Ms }, round) => p99Ms / (quiet[round]?.p99Ms ?? NaN));
    const transactions = busy.flatMap(({ transactionsMs }) => transactionsMs);
    const longest = transactions.length === 0 ? NaN : quantile(transactions, 0.99);
    const right = busy.every((window) => window.right);
    const common = {
      unit: 'ms',
      better: 'lower',
      small: sizes.name !== 'full',
      repetitions: ratios.length,
      about: `${perSecond} sessions read and messages written a second while ${persons * 50} rows of ${persons} people go, ${pace}`,
    } as const;
    return [
      measure(
        {
          ...common,
          name,
          value: median(busy.map(({ p99Ms }) => p99Ms)),
          reference: median(quiet.map(({ p99Ms }) => p99Ms)),
          ratio: median(ratios),
          interval: medianInterval(ratios),
          target,
          readings: {
            'rows/s meanwhile': (persons * 50) / median(busy.map(({ seconds }) => seconds)),
            ...readingsOf(quiet, 'idle'),
            ...readingsOf(busy, 'erasing'),
          },
        },
        right,
      ),
      measure(
        {
          ...common,
          name: `${name}/longest-transaction`,
          value: longest,
          reference: null,
          ratio: null,
          target: 250,
          readings: { 'longest of all ms': Math.max(0, ...transactions), transactions: transactions.length },
        },
        right,
      ),
    ];
  } finally {
    await engine.close();
    await chat.stop();
    await arena.close();
  }
}

/** What the chat's statements waited for, and the machine's processes for a core, in percent of the time. */
function readingsOf(windows: readonly Window[], when: string): Readonly<Record<string, number>> {
  const share = (of: keyof Waits): number => median(windows.map(({ waits }) => waits[of]));
  return {
    [`${when}: chat at locks %`]: share('lock'),
    [`${when}: chat at disk, buffers and the like %`]: share('other'),
    [`${when}: chat at nothing that the server knows of %`]: share('nothing'),
    [`${when}: somebody waited for a core %`]: share('core'),
  };
}

function idle(arena: Arena, chat: BenchProcess, sessions: readonly string[], seconds: number): Turn<Window> {
  return {
    name: 'idle',
    run: async () => {
      const { result, ...seen } = await chatWhile(
        arena,
        chat,
        sessions,
        () => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
      );
      return { ...seen, p99Ms: quantile(result.latenciesMs, 0.99), seconds, right: true };
    },
  };
}

function running(
  arena: Arena,
  chat: BenchProcess,
  sessions: readonly string[],
  engine: Engine,
): Turn<Window> {
  return {
    name: 'running',
    run: async () => {
      const before = await arena.fingerprint();
      const written = await messagesOfChat(arena);
      const slice = arena.next(1);
      let seconds = 0;
      const { result, ...seen } = await chatWhile(arena, chat, sessions, async () => {
        ({ seconds } = await engine.run(slice));
      });
      const wrong = (await arena.fingerprint()).wrongSince(before, slice.numbers, true);
      const right = wrong.length === 0 && (await messagesOfChat(arena)) - written === result.written;
      return { ...seen, p99Ms: quantile(result.latenciesMs, 0.99), seconds, right };
    },
  };
}

/** Looked at in the same way whether anybody erases or not: looking takes time from the chat as well. */
async function chatWhile(
  arena: Arena,
  chat: BenchProcess,
  sessions: readonly string[],
  work: () => Promise<unknown>,
): Promise<{
  readonly result: ChatResult;
  readonly waits: Waits;
  readonly transactionsMs: readonly number[];
}> {
  const watch = await Watch.start(arena.source, watchEveryMs, arena.role);
  const waited = await ChatWaits.watch(arena.source);
  await chat.ask({ perSecond, sessions } satisfies ChatOrder);
  await work();
  const result = await chat.ask<ChatResult>('stop');
  const waits = await waited();
  const { transactionsMs } = await watch.stop();
  return { result, waits, transactionsMs };
}

/** Sessions of the people of a slice who is never erased. */
async function sessionsOf(arena: Arena, slice: number): Promise<readonly string[]> {
  const rows = await sql<{ id: string }>(
    arena.source.manager,
    'SELECT id FROM platform.sessions WHERE user_id = ANY ($1::text[]) ORDER BY id',
    [personsOf(slice, arena.population).map(userIdOf)],
  );
  return rows.map(({ id }) => id);
}

async function messagesOfChat(arena: Arena): Promise<number> {
  const [row] = await sql<{ count: number }>(
    arena.source.manager,
    `SELECT count(*)::integer AS count FROM platform.messages WHERE body = '{"text": "hello again, is anybody there?"}'`,
  );
  return row?.count ?? 0;
}
