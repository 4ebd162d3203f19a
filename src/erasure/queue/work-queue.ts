/**
 * The port to whatever wakes workers up. A wake-up carries an id of ours and nothing else, and it is only a hint: the rows
 * of `expunge` are the truth, so a wake-up that is lost, late or doubled changes nothing but latency.
 */
export abstract class WorkQueue {
  /**
   * Announces that there is work. Waits for at most `redisTimeoutMs` and never throws: what could not be announced is
   * found by the sweep.
   * @param ids ids of requests (`eud-…`) or of batches
   */
  abstract announce(ids: readonly string[]): Promise<void>;

  /** Calls `onWake` for every wake-up, at most `concurrency` at once. Errors of `onWake` never reach the queue's user. */
  abstract consume(concurrency: number, onWake: (id: string) => Promise<void>): Promise<void>;

  /** Hands out no wake-up any more, so that another worker gets them; announcing goes on. Never throws. */
  abstract stopConsuming(): Promise<void>;

  /** For good: no wake-up is handed out or announced any more. Waits for those under way, at most `graceMs`. */
  abstract close(graceMs: number): Promise<void>;
}
