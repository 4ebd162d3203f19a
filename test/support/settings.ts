import { randomBytes } from 'node:crypto';
import { type Settings, settingsOf, type SettingsValues } from '../../src/config/settings.js';

/** Settings fit for tests: quick retries, any free port, a silent log, no limits of rate. */
export function testSettings(overrides: Partial<SettingsValues> = {}): Settings {
  return settingsOf(quick(), overrides);
}

function quick(): SettingsValues {
  return {
    production: false,
    role: 'all',
    host: '127.0.0.1',
    port: 0,
    opsPort: null,
    requestTimeoutMs: 30_000,
    drainSeconds: 5,
    uploadSilenceMs: 60_000,
    databaseUrl: null,
    migrateUrl: null,
    databasePoolSize: 10,
    redisUrl: null,
    redisPrefix: 'test',
    redisTimeoutMs: 2_000,
    dataDir: '.expunge',
    masterKey: randomBytes(32),
    masterKeyPrevious: null,
    dataMapPath: 'data-map.yaml',
    dataMapCheckSeconds: 10,
    allowOwner: false,
    rateLimitPerMinute: 0,
    rateLimitPerHour: 0,
    bulkEntriesPerHour: 0,
    authFailuresPerMinute: 0,
    trustedProxies: [],
    workerConcurrency: 2,
    leaseSeconds: 3,
    sweepSeconds: 1,
    turnMs: 500,
    reclaimCheckSeconds: 1,
    graceMs: 0,
    deadline: 'P1M',
    retention: 'P1Y',
    planPageEntries: 1_000,
    batchPersons: 500,
    pace: 'full',
    replicaLagMs: 5_000,
    lockWaiters: 3,
    chunkPersons: 100,
    chunkRows: 5_000,
    chunkMs: 100,
    batchAttempts: 5,
    retryBackoffMs: 20,
    probeRounds: 3,
    statementTimeoutMs: 2_000,
    lockTimeoutMs: 300,
    idleInTransactionTimeoutMs: 1_000,
    deadClientTimeoutMs: 2_000,
    logLevel: 'silent',
  };
}
