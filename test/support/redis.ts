import { randomUUID } from 'node:crypto';

/** The Redis of this run. Others use it too: keep to a prefix of your own. */
export function redisUrl(): string {
  return required('TEST_REDIS_URL');
}

/** A prefix for keys that no other test has. */
export function uniquePrefix(): string {
  return `test-${randomUUID()}`;
}

/** What test/support/services.ts left for the tests. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests with  npm test`);
  return value;
}
