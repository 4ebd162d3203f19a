import { randomUUID } from 'node:crypto';

/** The body of an erase call, with ids that nobody has sent before. */
export function bodyOf(ids: number): string {
  const base = randomUUID();
  const userIds = Array.from({ length: ids }, (_, index) => `u-${base}-${index}`);
  return JSON.stringify({ userIds, RemoveDataFromAllBots: true });
}

/** As `bodyOf`, of identities that are about as long as they may be: 10,000 of them are 5 MB. */
export function longBodyOf(ids: number): string {
  const long = randomUUID().padEnd(240, '-');
  const userIds = Array.from({ length: ids }, (_, index) => ({
    channelUserId: `${long}${index}`,
    channelId: `${long}${index}`,
  }));
  return JSON.stringify({ userIds, RemoveDataFromAllBots: true });
}
