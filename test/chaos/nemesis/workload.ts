import { setTimeout as wait } from 'node:timers/promises';
import { type Cohort, type Fate, newMark, seedCohort, userIdsOf } from '../cohort.js';
import { signedToken } from '../../support/tokens.js';
import { type ChaosWorld } from './chaos-world.js';
import { type SeededRandom } from './seeded-random.js';

const ERASE = '/api/public/bot/eraseUsersData';
const ANSWERS_WITHIN_MS = 5_000;
const MOST_OPEN = 12;

/** What was asked for and what was answered: the history that is checked in the end. */
export class Workload {
  /** Ids of requests that got their 200. */
  readonly accepted: string[] = [];
  /** How many people were to be erased, each once. */
  people = 0;
  /** Calls by how they were answered: a status, or `none`. */
  readonly answers: Record<string, number> = {};
  /** Slowest of all answers, in milliseconds. */
  slowestMs = 0;

  constructor(
    private readonly world: ChaosWorld,
    private readonly random: SeededRandom,
  ) {}

  /** Callers come and ask until told to stop; each asks again until it is accepted. */
  async run(callers: number, over: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: callers }, () => this.callAgainAndAgain(over)));
  }

  private async callAgainAndAgain(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      if (await this.tooMuchOpen()) {
        await wait(100);
        continue;
      }
      await this.newPeople('stays', 1);
      const cohort = await this.newPeople('gone', this.random.between(1, 40));
      this.people += cohort.userIds.length;
      while (!(await this.erase(cohort))) await wait(100 + this.random.between(0, 400));
      await wait(this.random.between(50, 900));
    }
  }

  /** They exist before anyone asks for them. The database may go away meanwhile: whether they exist is seen by looking. */
  private async newPeople(fate: Fate, people: number): Promise<Cohort> {
    const { postgres, home } = this.world;
    for (;;) {
      const mark = newMark(fate);
      try {
        return await postgres.database.dataSource.transaction((manager) =>
          seedCohort((text, values) => manager.query(text, [...values]), home, mark, people),
        );
      } catch {
        if (await this.exists(mark)) return { mark, userIds: userIdsOf(mark, people) };
      }
    }
  }

  /** More than is being worked on teaches nothing: what waits can't be struck. */
  private async tooMuchOpen(): Promise<boolean> {
    const open = await this.world.postgres.database
      .run('SELECT FROM expunge.erasure_requests WHERE settled_on IS NULL')
      .catch(() => []);
    return open.length >= MOST_OPEN;
  }

  private async exists(mark: string): Promise<boolean> {
    for (;;)
      try {
        const rows = await this.world.postgres.database.run('SELECT FROM platform.users WHERE id = $1', [
          `u-${mark}-1`,
        ]);
        return rows.length > 0;
      } catch {
        await wait(100);
      }
  }

  private async erase({ userIds }: Cohort): Promise<boolean> {
    const { app } = this.world;
    const began = performance.now();
    const response = await fetch(app.url + ERASE, {
      method: 'POST',
      headers: { auth: this.token(), 'content-type': 'application/json' },
      body: JSON.stringify({ userIds, RemoveDataFromAllBots: true }),
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    }).catch(() => null);
    const answer = response ? String(response.status) : 'none';
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
    if (!response?.ok) return false;
    const body = (await response.json().catch(() => null)) as { requestId: string } | null;
    if (!body) return false;
    this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    this.accepted.push(body.requestId);
    return true;
  }

  private token(): string {
    const { clientId, clientSecret } = this.world.app;
    const now = Math.floor(Date.now() / 1000);
    return signedToken(clientSecret, { sub: 'chaos', appId: clientId, iat: now, exp: now + 600 });
  }
}
