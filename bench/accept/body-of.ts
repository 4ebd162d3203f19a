import { randomUUID } from 'node:crypto';

/** The body of an erase call, with ids that nobody has sent before. */
export function bodyOf(ids: number): string {
  const base = randomUUID();
  const userIds = Array.from({ length: ids }, (_, index) => `u-${base}-${index}`);
  return JSON.stringify({ userIds, RemoveDataFromAllBots: true });
}
