import { Client } from 'pg';
import { DatabaseFault } from './database-fault.js';

/** How long a caller waits before anybody asks whether the server is still there. */
const BEFORE_ASKING_MS = 500;
/** How long the server has to answer that. */
const ANSWER_WITHIN_MS = 1_200;
/** So late a clock says that it was we who had no time. */
const OWN_DELAY_MS = 300;

/**
 * Tells a database that is slow from one that is gone: a connection that hangs says nothing at all, for minutes, so the
 * server is asked on a new one. Whoever asks at the same time shares the answer.
 */
export class DatabasePulse {
  private asking: Promise<boolean> | null = null;

  constructor(private readonly databaseUrl: string) {}

  /**
   * The outcome of `work`, as long as it takes while the server answers.
   *
   * @throws DatabaseFault 08006, within two seconds, when it does not; `work` goes on, its outcome is nobody's then
   */
  async whileAnswering<T>(work: Promise<T>): Promise<T> {
    const outcome = work.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    for (;;) {
      const soon =
        (await within(outcome, BEFORE_ASKING_MS)) ?? (await Promise.race([outcome, this.answers()]));
      if (soon === false) throw new DatabaseFault('08006');
      if (soon === true) continue;
      if ('error' in soon) throw soon.error;
      return soon.value;
    }
  }

  private async answers(): Promise<boolean> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(): Promise<boolean> {
    const began = performance.now();
    const client = new Client({
      connectionString: this.databaseUrl,
      application_name: 'expunge pulse',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    });
    client.on('error', () => undefined);
    const answer = client
      .connect()
      .then(() => client.query('SELECT 1'))
      .then(
        () => true,
        () => false,
      );
    const answered = (await within(answer, ANSWER_WITHIN_MS)) ?? false;
    void client.end().catch(() => undefined);
    return answered || performance.now() - began > ANSWER_WITHIN_MS + OWN_DELAY_MS;
  }
}

/** undefined: not within that time. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
