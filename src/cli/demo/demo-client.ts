import { setTimeout as wait } from 'node:timers/promises';
import { type UserEntry } from '../../users/user-reference.js';

/** What the status call answers, as far as the demo reads it. */
export interface ErasureAnswer {
  readonly status: string;
  readonly createdOn: string;
  readonly lastUpdatedOn: string;
  readonly progress: { readonly total: number; readonly done: number };
  readonly erased: Readonly<Record<string, number>>;
  readonly response: readonly AnsweredEntry[];
}

export interface AnsweredEntry {
  readonly userId: UserEntry;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly sameAs?: number;
}

export interface EraseBody {
  readonly userIds: readonly UserEntry[];
  readonly RemoveDataFromAllBots: boolean;
}

export const erasePath = '/api/public/bot/eraseUsersData';

const patienceMs = 180_000;

/** Talks to the service as any client would: over HTTP, with a token, waiting as long as it is told to. */
export class DemoClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
    private readonly stop: AbortSignal,
  ) {}

  /** @returns the request's id. @throws Error when the service refuses */
  async erase(body: EraseBody): Promise<string> {
    const response = await this.call(erasePath, { method: 'DELETE', body: JSON.stringify(body) });
    const { requestId } = (await response.json()) as { requestId: string };
    return requestId;
  }

  /**
   * Asks until nothing is under way any more.
   *
   * @throws Error when the service refuses, or is not done within minutes
   */
  async settled(
    requestId: string,
    onProgress: (progress: ErasureAnswer['progress']) => void,
  ): Promise<ErasureAnswer> {
    const path = `${erasePath}/status/${requestId}`;
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
      const response = await this.call(`${path}?limit=1`);
      const answer = (await response.json()) as ErasureAnswer;
      onProgress(answer.progress);
      if (answer.status !== 'in-progress') return (await (await this.call(path)).json()) as ErasureAnswer;
      await wait(Number(response.headers.get('retry-after') ?? 1) * 1000, undefined, { signal: this.stop });
    }
    throw new Error(`the request was not settled within ${patienceMs / 60_000} minutes`);
  }

  private async call(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(this.baseUrl + path, {
      ...init,
      headers: {
        auth: this.token,
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.any([this.stop, AbortSignal.timeout(30_000)]),
    });
    if (!response.ok) throw new Error(`the service answered ${response.status}: ${await response.text()}`);
    return response;
  }
}
