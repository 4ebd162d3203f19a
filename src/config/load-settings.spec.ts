import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { type Environment } from './environment.js';
import { loadSettings } from './load-settings.js';
import { Settings } from './settings.js';

const masterKey = Buffer.alloc(32, 7).toString('base64');

function problemsOf(env: Environment): readonly string[] {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

test('every setting has the default that operators were told', () => {
  expect({ ...loadSettings({}) }).toEqual({
    unknown: [],
    settings: expect.any(Settings),
  });
  expect(Object.fromEntries(Object.entries(loadSettings({}).settings))).toEqual({
    production: false,
    role: 'all',
    host: '127.0.0.1',
    port: 3000,
    opsPort: null,
    requestTimeoutMs: 30_000,
    drainSeconds: 5,
    uploadSilenceMs: 60_000,
    databaseUrl: null,
    migrateUrl: null,
    databasePoolSize: 10,
    redisUrl: null,
    redisPrefix: 'expunge',
    redisTimeoutMs: 2_000,
    dataDir: '.expunge',
    masterKey: null,
    masterKeyPrevious: null,
    dataMapPath: 'data-map.yaml',
    dataMapCheckSeconds: 10,
    allowOwner: false,
    rateLimitPerMinute: 60,
    rateLimitPerHour: 1_800,
    bulkEntriesPerHour: 2_000_000,
    authFailuresPerMinute: 300,
    trustedProxies: [],
    workerConcurrency: 2,
    leaseSeconds: 3,
    sweepSeconds: 1,
    turnMs: 500,
    reclaimCheckSeconds: 10,
    graceMs: 0,
    deadline: 'P1M',
    retention: 'P1Y',
    planPageEntries: 1_000,
    batchPersons: 500,
    pace: 'gentle',
    replicaLagMs: 5_000,
    lockWaiters: 3,
    chunkPersons: 500,
    chunkRows: 50_000,
    chunkMs: 100,
    batchAttempts: 5,
    retryBackoffMs: 500,
    probeRounds: 3,
    statementTimeoutMs: 2_000,
    lockTimeoutMs: 300,
    idleInTransactionTimeoutMs: 1_000,
    deadClientTimeoutMs: 2_000,
    logLevel: 'info',
  });
});

test('a service with PostgreSQL and Redis of its own', () => {
  const { settings } = loadSettings({
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://expunge:pw@db/platform',
    REDIS_URL: 'rediss://redis:6380',
    EXPUNGE_MASTER_KEY: masterKey,
    EXPUNGE_ROLE: 'worker',
    EXPUNGE_OPS_PORT: '9090',
    EXPUNGE_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    EXPUNGE_CHUNK_TIME: '1s',
  });
  expect(settings).toMatchObject({
    production: true,
    role: 'worker',
    opsPort: 9090,
    masterKey: Buffer.alloc(32, 7),
    trustedProxies: ['10.0.0.0/8', '::1'],
    chunkMs: 1_000,
  });
});

test('all problems are told at once, by name, and no value is repeated', () => {
  const problems = problemsOf({
    PORT: '70000-marked',
    DATABASE_URL: 'mysql://user:marked@host/db',
    EXPUNGE_MASTER_KEY: 'marked',
    EXPUNGE_LEASE_SECONDS: '3s-marked',
    EXPUNGE_DEADLINE: 'marked',
    EXPUNGE_RETRY_BACKOFF: '500',
    EXPUNGE_TRUSTED_PROXIES: '10.0.0.0/33',
    EXPUNGE_ALLOW_OWNER: 'marked',
  });
  expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
    'DATABASE_URL',
    'EXPUNGE_ALLOW_OWNER',
    'EXPUNGE_DEADLINE',
    'EXPUNGE_LEASE_SECONDS',
    'EXPUNGE_MASTER_KEY',
    'EXPUNGE_RETRY_BACKOFF',
    'EXPUNGE_TRUSTED_PROXIES',
    'PORT',
  ]);
  expect(problems.join()).not.toContain('marked');
});

describe('what hangs together', () => {
  const database = { DATABASE_URL: 'postgres://db/platform', EXPUNGE_MASTER_KEY: masterKey };

  test.each<[string, Environment, string]>([
    ['production without a database', { NODE_ENV: 'production' }, 'DATABASE_URL is required'],
    [
      'a database without a master key',
      { DATABASE_URL: 'postgres://db/p' },
      'EXPUNGE_MASTER_KEY is required',
    ],
    [
      'a previous key alone',
      { EXPUNGE_MASTER_KEY_PREVIOUS: masterKey },
      'EXPUNGE_MASTER_KEY_PREVIOUS is set',
    ],
    ['one port for two', { PORT: '80', EXPUNGE_OPS_PORT: '80' }, 'EXPUNGE_OPS_PORT must differ'],
    [
      'a statement as long as the lease',
      { EXPUNGE_STATEMENT_TIMEOUT: '3s' },
      'EXPUNGE_STATEMENT_TIMEOUT must be',
    ],
    [
      'an idle transaction longer than the lease',
      { EXPUNGE_IDLE_IN_TRANSACTION_TIMEOUT: '1m' },
      'EXPUNGE_IDLE',
    ],
    [
      'a lease shorter than the time-outs',
      { EXPUNGE_LEASE_SECONDS: '1' },
      'EXPUNGE_STATEMENT_TIMEOUT must be',
    ],
  ])('%s is refused', (_case, env, problem) => {
    expect(problemsOf(env)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });

  test('a database with its key is fine', () => {
    expect(problemsOf(database)).toEqual([]);
  });
});

test('a secret may lie in a file; the line break at its end is not part of it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'settings-'));
  const file = join(directory, 'key');
  writeFileSync(file, `${masterKey}\n`);
  expect(loadSettings({ EXPUNGE_MASTER_KEY_FILE: file }).settings.masterKey).toEqual(Buffer.alloc(32, 7));
  expect(problemsOf({ EXPUNGE_MASTER_KEY_FILE: file, EXPUNGE_MASTER_KEY: masterKey })).toHaveLength(1);
  expect(problemsOf({ EXPUNGE_MASTER_KEY_FILE: join(directory, 'nothing') })).toHaveLength(1);
});

test('an empty variable is one that is not set', () => {
  expect(loadSettings({ REDIS_URL: '', PORT: '' }).settings).toMatchObject({ redisUrl: null, port: 3000 });
});

test('a variable that no setting knows is no error, and one that is no secret has no file', () => {
  expect(loadSettings({ EXPUNGE_LATER: '1', EXPUNGE_ROLE_FILE: 'x', OTHER: '1' }).unknown).toEqual([
    'EXPUNGE_LATER',
    'EXPUNGE_ROLE_FILE',
  ]);
});
