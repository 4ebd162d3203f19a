export type Role = 'api' | 'worker' | 'all';

/**
 * Every setting of a process, validated once and typed (`load-settings.ts`). Used as an injection token, so that no room
 * reads the environment by itself. Durations are milliseconds unless the name says seconds.
 */
export abstract class Settings {
  abstract readonly production: boolean;
  abstract readonly role: Role;
  abstract readonly host: string;
  /** 0 means any free port. */
  abstract readonly port: number;
  abstract readonly opsPort: number | null;
  /** How long a head (10 s at most), and then a body, may take to arrive; then 408. */
  abstract readonly requestTimeoutMs: number;
  /** How long a process that was told to stop (SIGTERM) goes on answering. */
  abstract readonly drainSeconds: number;
  /** How long a bulk call may go without a whole line; then 408. */
  abstract readonly uploadSilenceMs: number;

  /** null: the embedded PostgreSQL of `dataDir`. */
  abstract readonly databaseUrl: string | null;
  abstract readonly migrateUrl: string | null;
  abstract readonly databasePoolSize: number;
  /** null: the in-process queue. */
  abstract readonly redisUrl: string | null;
  abstract readonly redisPrefix: string;
  abstract readonly redisTimeoutMs: number;
  abstract readonly dataDir: string;
  /** 32 bytes; null with the embedded database only, where one is generated in `dataDir`. */
  abstract readonly masterKey: Buffer | null;
  abstract readonly masterKeyPrevious: Buffer | null;
  abstract readonly dataMapPath: string;
  abstract readonly dataMapCheckSeconds: number;
  /** The owner of mapped tables or a superuser may run the service in production. */
  abstract readonly allowOwner: boolean;

  abstract readonly rateLimitPerMinute: number;
  abstract readonly rateLimitPerHour: number;
  /** Entries of bulk calls per account in any hour; 0: no limit. */
  abstract readonly bulkEntriesPerHour: number;
  abstract readonly authFailuresPerMinute: number;
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  abstract readonly trustedProxies: readonly string[];

  abstract readonly workerConcurrency: number;
  abstract readonly leaseSeconds: number;
  abstract readonly sweepSeconds: number;
  /** After this long a batch or a planning is given back if work of another account waits. */
  abstract readonly turnMs: number;
  /** Between looks at whether vacuum has freed the space of erased rows. */
  abstract readonly reclaimCheckSeconds: number;
  /** Nothing of a request is planned before, so that it can be cancelled whole; 0: at once. */
  abstract readonly graceMs: number;
  /** Calendar span from `receivedOn` to `dueOn`, ISO 8601 (`P1M`). */
  abstract readonly deadline: string;
  /** Calendar span after which a settled request is forgotten, ISO 8601. */
  abstract readonly retention: string;

  /** Entries resolved by one statement, and cancelled or opened for a retry by one transaction. */
  abstract readonly planPageEntries: number;
  abstract readonly batchPersons: number;
  /** `gentle` yields to other work on the database. */
  abstract readonly pace: 'gentle' | 'full';
  /** A gentle pace waits while a standby is farther behind. */
  abstract readonly replicaLagMs: number;
  /** A gentle pace waits while so many sessions wait for its locks; 0: never. */
  abstract readonly lockWaiters: number;
  /** Persons that one erasing statement names at most. */
  abstract readonly chunkPersons: number;
  /** Rows that one erasing transaction removes at most. */
  abstract readonly chunkRows: number;
  /** After this long an erasing transaction takes no further statement and commits. */
  abstract readonly chunkMs: number;
  /** Times a batch is tried again for what may pass before its persons are FAILED. */
  abstract readonly batchAttempts: number;
  /** First wait before such a retry; doubles each time, with jitter. */
  abstract readonly retryBackoffMs: number;
  /** Rounds of erase and probe before DATA_REMAINS. */
  abstract readonly probeRounds: number;

  abstract readonly statementTimeoutMs: number;
  abstract readonly lockTimeoutMs: number;
  abstract readonly idleInTransactionTimeoutMs: number;
  abstract readonly deadClientTimeoutMs: number;

  abstract readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** The same without the class: what a table of values is checked against. */
export type SettingsValues = { readonly [Name in keyof Settings]: Settings[Name] };

/** Settings from their values; `changes` win. */
export function settingsOf(values: SettingsValues, changes: Partial<SettingsValues> = {}): Settings {
  const settings = Object.create(Settings.prototype) as Settings;
  return Object.freeze(Object.assign(settings, values, changes));
}
