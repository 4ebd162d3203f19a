import { assertNever } from '../../src/common/assert-never.js';
import { type CrashCase } from './crash-case.js';
import { type Lane, PEOPLE } from './lane.js';

/** What is prepared before a service starts that is going to crash. */
export interface Staged {
  /** Called when the service listens. */
  readonly started: (url: string) => Promise<void>;
  /** After the crash: the platform is as always again. */
  readonly undo: () => Promise<void>;
  /** What must have become of the entries in the end, entries that mean nobody left out. */
  readonly outcomes: readonly string[];
  /** What may have become of entries that were sent twice. */
  readonly whatever: readonly string[];
}

const nothing = (): Promise<void> => Promise.resolve();
const again = 'SUCCESS again nothing';
const gone = Array<string>(PEOPLE).fill('SUCCESS all rows');
const allGone = { outcomes: [again, ...gone], whatever: [] };

/** Puts the lane into the situation of the case: who is to be erased, and what stands in the way. */
export async function stage(lane: Lane, { situation }: CrashCase): Promise<Staged> {
  switch (situation) {
    case 'erasing':
      await call(lane);
      return { started: nothing, undo: nothing, ...allGone };
    case 'much overwritten': {
      const [some, more] = [await lane.seed('gone'), await lane.seed('gone')];
      await lane.erase([...some.userIds, ...more.userIds]);
      return { started: nothing, undo: nothing, outcomes: [again, ...gone, ...gone], whatever: [] };
    }
    case 'calling':
      return stageCall(lane, (people, url) => lane.erase(people, url));
    case 'calling once':
      return stageCall(lane, (people, url) => lane.eraseOnce(people, url));
    case 'uploading':
      return stageCall(lane, (people, url) => lane.upload(people, url));
    case 'cancelling':
      return stageCancel(lane);
    case 'retrying':
      return stageRetry(lane);
    case 'braking':
      return stageBrake(lane);
    case 'tampered':
      return stageTampered(lane);
    case 'poisoned':
      return stagePoisoned(lane);
    case 'locked': {
      const user = await call(lane);
      const undo = await lane.hold('SELECT FROM platform.oauth_tokens WHERE user_id = $1 FOR UPDATE', [user]);
      return { started: nothing, undo, ...allGone };
    }
    case 'planning blocked': {
      await call(lane);
      const undo = await lane.hold('LOCK TABLE expunge.erasure_persons IN SHARE MODE');
      return { started: nothing, undo, ...allGone };
    }
    case 'not rolled up':
      await call(lane);
      await lane.recover();
      await lane.run(`UPDATE expunge.erasure_requests SET settled_on = NULL, status = 'in-progress'
        WHERE id = (SELECT id FROM expunge.erasure_requests ORDER BY created_on DESC LIMIT 1)`);
      return { started: nothing, undo: nothing, ...allGone };
    case 'drifted':
      await call(lane);
      await lane.run('CREATE TABLE platform.voice_notes (id bigint)');
      return {
        started: nothing,
        undo: () => lane.run('DROP TABLE platform.voice_notes'),
        ...allGone,
      };
    case 'drifted for a while':
      return stageDrift(lane);
    default:
      return assertNever(situation);
  }
}

/** Asks the lane's own service, before the one that crashes starts. @returns one of the people */
async function call(lane: Lane): Promise<string> {
  const { userIds } = await lane.seed('gone');
  await lane.erase(userIds);
  return userIds[1] ?? '';
}

async function stageCall(
  lane: Lane,
  call: (people: readonly string[], url?: string) => Promise<void>,
): Promise<Staged> {
  const { userIds } = await lane.seed('gone');
  const failed: unknown[] = [];
  return {
    // Whoever crashes does not answer.
    started: (url) => call(userIds, url).catch((error: unknown) => void failed.push(error)),
    // The caller got no answer and calls again, as callers do.
    undo: () => call(userIds),
    outcomes: gone,
    whatever: [again, 'SUCCESS nothing'],
  };
}

/** Of a request that waits for its time: what was cancelled stays cancelled, and nobody is touched. */
async function stageCancel(lane: Lane): Promise<Staged> {
  const { userIds } = await lane.seed('stays');
  const requestId = await lane.eraseTomorrow(userIds);
  return {
    // Whoever crashes does not answer.
    started: (url) => lane.change(requestId, 'cancel', url).catch(() => undefined),
    undo: () => lane.change(requestId, 'cancel'),
    outcomes: userIds.map(() => 'CANCELLED nothing'),
    whatever: [],
  };
}

/** What can't be erased ends as before, in however many rounds. */
async function stageRetry(lane: Lane): Promise<Staged> {
  const { userIds } = await lane.seed('stays');
  const requestId = await lane.eraseTampered(userIds);
  await lane.recover();
  return {
    started: (url) => lane.change(requestId, 'retry', url).catch(() => undefined),
    undo: () => lane.change(requestId, 'retry'),
    outcomes: userIds.map(() => 'FAILED INTEGRITY nothing'),
    whatever: [],
  };
}

/** What was paused or not when the service died is resumed, and everyone is erased. */
async function stageBrake(lane: Lane): Promise<Staged> {
  const { userIds } = await lane.seed('gone');
  return {
    started: (url) =>
      lane
        .brake('pause', url)
        .then(() => lane.brake('resume', url))
        .catch(() => undefined),
    undo: async () => {
      await lane.brake('resume');
      await lane.erase(userIds);
    },
    ...allGone,
  };
}

async function stageTampered(lane: Lane): Promise<Staged> {
  const { userIds } = await lane.seed('stays');
  await lane.erase(userIds);
  await lane.run(
    'UPDATE expunge.erasure_requests SET all_bots = false WHERE settled_on IS NULL AND planned_on IS NULL',
  );
  const outcomes = Array<string>(PEOPLE + 2).fill('FAILED INTEGRITY nothing');
  return { started: nothing, undo: nothing, outcomes, whatever: [] };
}

async function stagePoisoned(lane: Lane): Promise<Staged> {
  const [poisoned, others] = [await lane.seed('poison', 1), await lane.seed('gone', PEOPLE - 1)];
  await lane.erase([...poisoned.userIds, ...others.userIds]);
  const outcomes = ['FAILED STORE_REFUSED again nothing', 'FAILED STORE_REFUSED nothing', ...gone.slice(1)];
  return { started: nothing, undo: nothing, outcomes, whatever: [] };
}

async function stageDrift(lane: Lane): Promise<Staged> {
  await call(lane);
  await lane.run('CREATE TABLE platform.voice_notes (id bigint)');
  return {
    started: async () => {
      await lane.until(
        async () => (await lane.count('expunge.erasure_subjects', `reason = 'DATA_MAP_DRIFT'`)) > 0,
        20_000,
      );
      await lane.run('DROP TABLE platform.voice_notes');
    },
    undo: () => lane.run('DROP TABLE IF EXISTS platform.voice_notes'),
    ...allGone,
  };
}
