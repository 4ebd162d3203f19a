import { setImmediate as nextTurn } from 'node:timers/promises';

/** After so long the event loop gets its turn: by time, since how much can be done in it depends on the machine and its load. */
const TURN_MS = 5;

/** `items.map(work)`, leaving the event loop to others now and then: a long list must not stop the process from answering. */
export async function inTurns<T, U>(items: readonly T[], work: (item: T, index: number) => U): Promise<U[]> {
  return finishInTurns(mapping(items, work));
}

/** Does work to its end, leaving the event loop to others where it yields and has gone on for a while. */
export async function finishInTurns<T>(work: Iterator<undefined, T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() - began < TURN_MS) continue;
    await nextTurn();
    began = performance.now();
  }
}

function* mapping<T, U>(items: readonly T[], work: (item: T, index: number) => U): Generator<undefined, U[]> {
  const results: U[] = [];
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    yield;
  }
  return results;
}
