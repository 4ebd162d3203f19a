import { setTimeout as wait } from 'node:timers/promises';
import { ConfigurationError } from './configuration-error.js';
import { type Environment } from './environment.js';
import { type FaultPoint, faultPoints, type FaultWatcher } from './fault-points.js';

/** For the tests of this project alone; no operator has a use for it. */
const NAME = 'FAULT_POINTS';
const FORM = /^(?<at>[a-z:-]+)(?:#(?<nth>[1-9]\d{0,5}))?=(?<what>kill|lose|stall(?::(?<ms>\d{1,7}))?)$/;

/** What happens when `at` is reached for the `nth` time, counted from 1. */
interface Fault {
  readonly at: FaultPoint;
  readonly nth: number;
  readonly happen: () => Promise<void>;
}

/**
 * The faults that a test wants in this process: `erase-chunk:after-commit#2=kill`, several with commas. `kill` ends the
 * process as SIGKILL does, `lose` throws what a broken connection throws, `stall:5000` stands still for 5,000 ms.
 *
 * @returns null: none
 * @throws ConfigurationError in production, and for what is no fault
 */
export function faultsFrom(env: Environment, production: boolean): FaultWatcher | null {
  const given = env[NAME] ?? '';
  if (given === '') return null;
  if (production) throw new ConfigurationError([`${NAME} is for tests: unset it`]);
  const faults = given.split(',').map(parseFault);
  const reached = new Map<FaultPoint, number>();
  return async (at) => {
    const times = (reached.get(at) ?? 0) + 1;
    reached.set(at, times);
    for (const fault of faults) if (fault.at === at && fault.nth === times) await fault.happen();
  };
}

function parseFault(given: string): Fault {
  const { at: name, nth = '1', what, ms } = FORM.exec(given)?.groups ?? {};
  const at = faultPoints.find((point) => point === name);
  if (at === undefined) throw new ConfigurationError([`${NAME}: no such fault: ${given}`]);
  const actions: Readonly<Record<string, Fault['happen']>> = { kill: dieAtOnce, lose: loseConnection };
  return { at, nth: Number(nth), happen: actions[what ?? ''] ?? (() => wait(Number(ms ?? 0))) };
}

/** Nothing is finished, nothing is written any more: the signal is sent by the kernel before this returns. */
function dieAtOnce(): Promise<void> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

function loseConnection(): Promise<void> {
  return Promise.reject(Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' }));
}
