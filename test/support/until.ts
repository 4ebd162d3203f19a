import { setTimeout as wait } from 'node:timers/promises';

/** Waits until something is so, and fails when it is not for a very long time. */
export async function until(isSo: () => Promise<boolean>, withinMs = 50_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not so after ${withinMs} ms`);
    await wait(20);
  }
}
