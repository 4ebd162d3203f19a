/**
 * Where the database layer tells how its connection fares. The log of events stands above this layer: common/ implements
 * this and gives it to all (config.module.ts).
 */
export abstract class ConnectionLog {
  /** The database could not be reached; tried again until it can. Told when that begins or its reason changes. */
  abstract unreachable(sqlState: string): void;
  abstract connected(): void;
  /** A connection of the pool broke while nobody used it. It is replaced by itself. */
  abstract idleConnectionLost(sqlState: string): void;
  /** The server may write people's data into its log, and our role may not forbid it; see server-log.ts for the remedy. */
  abstract serverLogOpen(parameter: string): void;
}
