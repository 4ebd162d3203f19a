import { type DataSource } from 'typeorm';
import { type EventLog } from '../common/logging/event-log.js';
import { type Settings } from '../config/settings.js';

/**
 * How the commands of `expunge` are written. One file a command in cli/, loaded only when it is called, exporting
 * `async function <name>(options, io): Promise<number>`; the number is the exit status. `cli.ts` declares the options for
 * each (so that `--help` loads nothing) and `run-command.ts` gives the `io`, closes what was opened and turns errors into
 * one sentence on standard error.
 */
export type Command<Options> = (options: Options, io: CommandIo) => Promise<number>;

export const exitStatus = { done: 0, failed: 1, wrongUsage: 2, wrongConfiguration: 78 } as const;

/** What a command gets from outside. It never touches `process` by itself. */
export interface CommandIo {
  /** One line (or several) on standard output: what the user asked for and nothing else. */
  out(text: string): void;
  /** One line on standard error: warnings, progress, why it failed. */
  err(text: string): void;
  /** As the environment has them. `databaseUrl` and `masterKey` may still be null: see `database()`. */
  readonly settings: Settings;
  readonly log: EventLog;
  /**
   * The service's database: DATABASE_URL, or the embedded one of the data directory, which is joined where it runs and else
   * started for as long as the command lasts, and migrated. The same object every time; closed when the command has returned.
   */
  database(): Promise<CommandDatabase>;
}

/** For commands that last until they are told to end, and then end by themselves. */
export interface LastingIo extends CommandIo {
  /** Aborted by SIGINT and SIGTERM, with that word as the reason. Other commands are ended by the runner then. */
  readonly stop: AbortSignal;
  /** Replaces what stands in the current line of the terminal; null where standard output is none. */
  readonly draw: ((text: string) => void) | null;
}

export interface CommandDatabase {
  /** Initialised. */
  readonly dataSource: DataSource;
  /** The same settings with `databaseUrl` and `masterKey` filled in. */
  readonly settings: Settings;
}

/** Ends a command with one sentence on standard error. `wrongUsage` is for options that are wrong or don't fit together. */
export class CommandFailure extends Error {
  constructor(
    sentence: string,
    readonly status: number = exitStatus.failed,
  ) {
    super(sentence);
    this.name = 'CommandFailure';
  }
}

/** `cli/app.ts`: `appCreate` */
export interface AppCreateOptions {
  readonly account: string;
  readonly name: string;
  /** At least one; `Group:Name`. */
  readonly scope: readonly string[];
  readonly from: 'admin-console' | 'bot-builder';
  readonly tokenPolicy: 'strict' | 'compatible';
  /** As written; goes with `compatible` only. */
  readonly until?: string;
  /** The `aud` that its tokens must carry. */
  readonly audience?: string;
  /** Takes one-time tokens only. */
  readonly requireJti?: boolean;
  readonly json: boolean;
}

/** `cli/app.ts`: `appRenew`, of the `compatible` policy */
export interface AppRenewOptions {
  readonly clientId: string;
  readonly until?: string;
  readonly json: boolean;
}

/** `cli/app.ts`: `appList` */
export interface AppListOptions {
  readonly json: boolean;
}

/** `cli/app.ts`: `appRevoke` */
export interface AppRevokeOptions {
  readonly clientId: string;
  /** Cancels what can still be cancelled of its requests. */
  readonly cancel: boolean;
  readonly json: boolean;
}

/** `cli/pause.ts`: `pause` and `resume`; exactly one of the first three */
export interface ResumeOptions {
  readonly all?: boolean;
  readonly account?: string;
  readonly request?: string;
  readonly json: boolean;
}

export interface PauseOptions extends ResumeOptions {
  readonly reason: string;
}

/** `cli/pause.ts`: `pauses` */
export interface PausesOptions {
  readonly json: boolean;
}

/** `cli/cancel.ts`: `cancel` */
export interface CancelOptions {
  readonly clientId: string;
  /** As written: a date, or a moment. */
  readonly since: string;
  readonly json: boolean;
}

/** `cli/app.ts`: `appRotate` */
export interface AppOptions {
  readonly clientId: string;
  readonly json: boolean;
}

/** `cli/token.ts`: `token` */
export interface TokenOptions {
  readonly clientId: string;
  /** A duration as written: `10m`. */
  readonly expiresIn: string;
  readonly sub?: string;
  readonly json: boolean;
}

/** `cli/data-map.ts`: `dataMapCheck`; `cli/openapi.ts`: `openapi`; `cli/demo/demo.ts`: `demo`; `cli/serve.ts`: `serve` */
export type NoOptions = Readonly<Record<string, never>>;

/** `cli/grants.ts`: `grants` */
export interface GrantsOptions {
  readonly role: string;
  /** To begin with: the service sees what it would erase and can change none of it. */
  readonly withoutDelete: boolean;
}

/** `cli/migrate.ts`: `migrate` */
export interface MigrateOptions {
  readonly withSamplePlatform: boolean;
}
