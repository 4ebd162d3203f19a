import {
  addresses,
  calendarSpan,
  duration,
  equals,
  flag,
  key,
  oneOf,
  type Parser,
  text,
  url,
  waitingTime,
  wholeNumber,
} from './parsers.js';
import { type SettingsValues } from './settings.js';

/** How one setting comes from the environment. */
export interface SettingRow<T> {
  readonly env: string;
  readonly parser: Parser<NonNullable<T>>;
  /** The default, as one would write it; null: without the setting its value is null. */
  readonly preset: string | null;
  /** Effect and, where the value has no unit of its own, the unit. One line. */
  readonly about: string;
  /** `whole`: never shown. `password`: shown without the password in the URL. Either may come as `<env>_FILE`. */
  readonly secret?: 'whole' | 'password';
}

export type SettingsTable = { readonly [Name in keyof SettingsValues]: SettingRow<SettingsValues[Name]> };

const port = wholeNumber(0, 65_535);
const count = wholeNumber(1, 1_000_000);

/** Every setting there is. The order is the one in which `expunge config` tells them. */
export const settingsTable: SettingsTable = {
  production: {
    env: 'NODE_ENV',
    parser: equals('production'),
    preset: 'development',
    about: '"production" refuses the embedded database and an owner of the mapped tables',
  },
  role: {
    env: 'EXPUNGE_ROLE',
    parser: oneOf('all', 'api', 'worker'),
    preset: 'all',
    about: 'what this process does: api accepts, worker erases, all does both',
  },
  host: { env: 'HOST', parser: text, preset: '127.0.0.1', about: 'address the API listens on' },
  port: { env: 'PORT', parser: port, preset: '3000', about: 'port the API listens on; 0: any free one' },
  opsPort: {
    env: 'EXPUNGE_OPS_PORT',
    parser: port,
    preset: null,
    about:
      "port of /health/* and /metrics in every role; without it they are on the API's, /metrics for loopback only",
  },
  requestTimeoutMs: {
    env: 'EXPUNGE_REQUEST_TIMEOUT',
    parser: duration,
    preset: '30s',
    about: 'how long the head of a request may take to arrive (10s at most), and then its body; then 408',
  },
  uploadSilenceMs: {
    env: 'EXPUNGE_UPLOAD_SILENCE',
    parser: duration,
    preset: '60s',
    about: 'how long a bulk call may go without a whole line, then 408; it has no time to arrive whole',
  },
  drainSeconds: {
    env: 'EXPUNGE_DRAIN_SECONDS',
    parser: wholeNumber(0, 300),
    preset: '5',
    about: 'seconds for which the API goes on answering after SIGTERM, not ready any more',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    parser: url('postgres', 'postgresql'),
    preset: null,
    about:
      'PostgreSQL of the platform and of schema expunge; without it the embedded one of the data directory',
    secret: 'password',
  },
  migrateUrl: {
    env: 'EXPUNGE_MIGRATE_URL',
    parser: url('postgres', 'postgresql'),
    preset: null,
    about: 'the same as the owner of the schemas, for "expunge migrate" only; without it DATABASE_URL',
    secret: 'password',
  },
  databasePoolSize: {
    env: 'EXPUNGE_DATABASE_POOL_SIZE',
    parser: wholeNumber(2, 1_000),
    preset: '10',
    about: 'connections to PostgreSQL that one process opens at most',
  },
  redisUrl: {
    env: 'REDIS_URL',
    parser: url('redis', 'rediss'),
    preset: null,
    about: 'Redis for the queue and the limits of rate; without it both stay in the process',
    secret: 'password',
  },
  redisPrefix: {
    env: 'EXPUNGE_REDIS_PREFIX',
    parser: text,
    preset: 'expunge',
    about: 'what all its keys in Redis begin with',
  },
  redisTimeoutMs: {
    env: 'EXPUNGE_REDIS_TIMEOUT',
    parser: duration,
    preset: '2s',
    about: 'how long anything waits for Redis before it goes on without',
  },
  dataDir: {
    env: 'EXPUNGE_DATA_DIR',
    parser: text,
    preset: '.expunge',
    about: 'directory of the embedded database and its generated master key',
  },
  masterKey: {
    env: 'EXPUNGE_MASTER_KEY',
    parser: key,
    preset: null,
    about: 'wraps the data keys; generated with the embedded database only, required with DATABASE_URL',
    secret: 'whole',
  },
  masterKeyPrevious: {
    env: 'EXPUNGE_MASTER_KEY_PREVIOUS',
    parser: key,
    preset: null,
    about: 'the master key before, while it is being replaced',
    secret: 'whole',
  },
  dataMapPath: {
    env: 'EXPUNGE_DATA_MAP',
    parser: text,
    preset: 'data-map.yaml',
    about: 'file that says where personal data lives and what erasing it means',
  },
  dataMapCheckSeconds: {
    env: 'EXPUNGE_DATA_MAP_CHECK_SECONDS',
    parser: wholeNumber(1, 3_600),
    preset: '10',
    about: 'seconds between looks of a worker whether the platform still fits the data map',
  },
  allowOwner: {
    env: 'EXPUNGE_ALLOW_OWNER',
    parser: flag,
    preset: 'false',
    about: 'lets a superuser or an owner of mapped tables run the service in production',
  },
  rateLimitPerMinute: {
    env: 'EXPUNGE_RATE_LIMIT_PER_MINUTE',
    parser: wholeNumber(0, 1_000_000),
    preset: '60',
    about: 'calls per account in any 60 s, erase and reads apart; 0: no limit',
  },
  rateLimitPerHour: {
    env: 'EXPUNGE_RATE_LIMIT_PER_HOUR',
    parser: wholeNumber(0, 10_000_000),
    preset: '1800',
    about: 'calls per account in any 3,600 s, erase and reads apart; 0: no limit',
  },
  bulkEntriesPerHour: {
    env: 'EXPUNGE_BULK_ENTRIES_PER_HOUR',
    parser: wholeNumber(0, 1_000_000_000),
    preset: '2000000',
    about: 'entries of bulk calls per account in any hour; 0: no limit',
  },
  authFailuresPerMinute: {
    env: 'EXPUNGE_AUTH_FAILURES_PER_MINUTE',
    parser: wholeNumber(0, 1_000_000),
    preset: '300',
    about: 'failed authentications per address in any 60 s; 0: no limit',
  },
  trustedProxies: {
    env: 'EXPUNGE_TRUSTED_PROXIES',
    parser: addresses,
    preset: '',
    about: "addresses whose X-Forwarded-For is believed; without it nobody's",
  },
  workerConcurrency: {
    env: 'EXPUNGE_WORKER_CONCURRENCY',
    parser: wholeNumber(1, 64),
    preset: '2',
    about: 'batches that one worker process works on at once',
  },
  leaseSeconds: {
    env: 'EXPUNGE_LEASE_SECONDS',
    parser: wholeNumber(1, 3_600),
    preset: '3',
    about: 'seconds a claimed batch may go without a sign of life before another worker takes it',
  },
  sweepSeconds: {
    env: 'EXPUNGE_SWEEP_SECONDS',
    parser: wholeNumber(1, 3_600),
    preset: '1',
    about: 'seconds between looks for lost work (± 20 %)',
  },
  turnMs: {
    env: 'EXPUNGE_TURN_TIME',
    parser: duration,
    preset: '500ms',
    about: 'after which a batch or a planning is given back if work of another account waits',
  },
  reclaimCheckSeconds: {
    env: 'EXPUNGE_RECLAIM_CHECK_SECONDS',
    parser: wholeNumber(1, 3_600),
    preset: '10',
    about: 'seconds between looks at whether vacuum has freed the space of erased rows (± 20 %)',
  },
  graceMs: {
    env: 'EXPUNGE_GRACE',
    parser: waitingTime,
    preset: '0s',
    about:
      'how long every request waits at least before anything of it begins; until then cancelling is whole',
  },
  deadline: {
    env: 'EXPUNGE_DEADLINE',
    parser: calendarSpan,
    preset: 'P1M',
    about: 'from receivedOn to dueOn',
  },
  retention: {
    env: 'EXPUNGE_RETENTION',
    parser: calendarSpan,
    preset: 'P1Y',
    about: 'after which a settled request is forgotten',
  },
  planPageEntries: {
    env: 'EXPUNGE_PLAN_PAGE_ENTRIES',
    parser: wholeNumber(1, 10_000),
    preset: '1000',
    about: 'entries that one statement resolves, and one transaction cancels or opens for a retry',
  },
  batchPersons: {
    env: 'EXPUNGE_BATCH_PERSONS',
    parser: wholeNumber(1, 10_000),
    preset: '500',
    about: 'persons in one batch at most',
  },
  pace: {
    env: 'EXPUNGE_PACE',
    parser: oneOf('gentle', 'full'),
    preset: 'gentle',
    about:
      'gentle: one erasing transaction at a time, a long rest after each, none while others suffer; full: no regard for others',
  },
  replicaLagMs: {
    env: 'EXPUNGE_REPLICA_LAG',
    parser: duration,
    preset: '5s',
    about: 'a gentle pace waits while a standby is farther behind',
  },
  lockWaiters: {
    env: 'EXPUNGE_LOCK_WAITERS',
    parser: wholeNumber(0, 10_000),
    preset: '3',
    about: 'a gentle pace waits while so many sessions wait for its locks; 0: never',
  },
  chunkPersons: {
    env: 'EXPUNGE_CHUNK_PERSONS',
    parser: wholeNumber(1, 1_000),
    preset: '500',
    about: 'persons that one erasing statement names at most; fewer where it lasts too long',
  },
  chunkRows: {
    env: 'EXPUNGE_CHUNK_ROWS',
    parser: count,
    preset: '50000',
    about: 'rows that one erasing transaction removes at most; fewer where it lasts too long',
  },
  chunkMs: {
    env: 'EXPUNGE_CHUNK_TIME',
    parser: duration,
    preset: '100ms',
    about: 'after which an erasing transaction takes no further statement and commits',
  },
  batchAttempts: {
    env: 'EXPUNGE_BATCH_ATTEMPTS',
    parser: wholeNumber(1, 1_000),
    preset: '5',
    about: 'times a batch is tried for what may pass before its persons are FAILED',
  },
  retryBackoffMs: {
    env: 'EXPUNGE_RETRY_BACKOFF',
    parser: duration,
    preset: '500ms',
    about: 'first wait before such a retry; doubles each time',
  },
  probeRounds: {
    env: 'EXPUNGE_PROBE_ROUNDS',
    parser: wholeNumber(1, 100),
    preset: '3',
    about: 'rounds of erase and probe before DATA_REMAINS',
  },
  statementTimeoutMs: {
    env: 'EXPUNGE_STATEMENT_TIMEOUT',
    parser: duration,
    preset: '2s',
    about: 'how long one statement of a worker may take; below the lease',
  },
  lockTimeoutMs: {
    env: 'EXPUNGE_LOCK_TIMEOUT',
    parser: duration,
    preset: '300ms',
    about: "how long it waits for a lock; never more than half of the server's deadlock_timeout",
  },
  idleInTransactionTimeoutMs: {
    env: 'EXPUNGE_IDLE_IN_TRANSACTION_TIMEOUT',
    parser: duration,
    preset: '1s',
    about: 'after which the server ends a transaction whose worker went silent; below the lease',
  },
  deadClientTimeoutMs: {
    env: 'EXPUNGE_DEAD_CLIENT_TIMEOUT',
    parser: duration,
    preset: '2s',
    about:
      'after which the server ends a transaction whose worker does not take its answers; below the lease',
  },
  logLevel: {
    env: 'EXPUNGE_LOG_LEVEL',
    parser: oneOf('debug', 'info', 'warn', 'error', 'silent'),
    preset: 'info',
    about: 'least severe kind of log line that is written, on standard error',
  },
};
