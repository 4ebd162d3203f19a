import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items worked on before the event loop gets its turn: some milliseconds of encrypting or hashing. */
const AT_ONCE = 500;

/** `items.map(work)`, leaving the event loop to others now and then: a long list must not stop the process from answering. */
export async function inTurns<T, U>(items: readonly T[], work: (item: T, index: number) => U): Promise<U[]> {
  const results: U[] = [];
  for (const [index, item] of items.entries()) {
    results.push(work(item, index));
    if (index % AT_ONCE === AT_ONCE - 1) await nextTurn();
  }
  return results;
}
