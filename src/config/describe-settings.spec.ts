import { expect, test } from '@jest/globals';
import { describeSettings } from './describe-settings.js';

function shown(env: Record<string, string>, name: string): string | undefined {
  return describeSettings(env).find((setting) => setting.name === name)?.value;
}

test('secrets are hidden, the password of a URL and what follows it too', () => {
  const env = {
    DATABASE_URL: 'postgres://me:marked@db:5432/platform?password=marked&sslkey=marked',
    EXPUNGE_MIGRATE_URL: 'marked',
    REDIS_URL: 'redis://:marked@redis',
    EXPUNGE_MASTER_KEY: 'marked',
  };
  expect(JSON.stringify(describeSettings(env))).not.toContain('marked');
  expect(shown(env, 'DATABASE_URL')).toBe('postgres://me:hidden@db:5432/platform?hidden');
});

test('a setting shows what counts: what was given, else its default', () => {
  expect(shown({ EXPUNGE_LEASE_SECONDS: '7' }, 'EXPUNGE_LEASE_SECONDS')).toBe('7');
  expect(shown({}, 'EXPUNGE_LEASE_SECONDS')).toBe('3');
  expect(shown({}, 'REDIS_URL')).toBe('');
});

test('each setting says in one line what it does', () => {
  for (const { name, about } of describeSettings({})) {
    expect(about).not.toMatch(/\n/);
    expect([name, about.length > 10 && about.length < 125]).toEqual([name, true]);
  }
});
