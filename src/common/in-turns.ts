import { setImmediate as nextTurn } from 'node:timers/promises';

/** After so long the event loop gets its turn: by time, since how much can be done in it depends on the machine and its load. */
const TURN_MS = 5;

/** `items.map(work)`, leaving the event loop to others now and then: a long list must not stop the process from answering. */
export async function inTurns<T, U>(items: readonly T[], work: (item: T, index: number) => U): Promise<U[]> {
  const results: U[] = [];
  let began = performance.now();
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    if (performance.now() - began < TURN_MS) continue;
    await nextTurn();
    began = performance.now();
  }
  return results;
}
