import { DELETE_USERS_DATA, ERASE_IN_BULK } from '../../src/auth/scopes.js';
import { Platform } from './platform.js';
import { type TestDatabase, testDatabase } from './postgres.js';
import { type TestClient, TestService } from './service.js';

export const bulkScopes = [ERASE_IN_BULK, DELETE_USERS_DATA];
/** The head of a bulk call that needs no bots. */
export const everywhere = { RemoveDataFromAllBots: true };

/** A service that takes bulk calls, and a look at what is stored of them. */
export class BulkWorld {
  private constructor(
    readonly db: TestDatabase,
    readonly service: TestService,
    readonly platform: Platform,
    readonly account: string,
    readonly client: TestClient,
  ) {}

  static async open(): Promise<BulkWorld> {
    const db = await testDatabase();
    const service = await TestService.start(await db.serviceUrl());
    const platform = new Platform(db);
    const account = await platform.account();
    return new BulkWorld(
      db,
      service,
      platform,
      account,
      await service.client(account, { scopes: bulkScopes }),
    );
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.db.drop();
  }

  /** Waits until entries of the one upload are stored; returns its id. */
  async uploading(): Promise<string> {
    return until(async () => {
      const [row] = await this.db.run<{ id: string }>(
        `SELECT r.id FROM expunge.erasure_requests r WHERE r.status = 'uploading'
         AND EXISTS (SELECT FROM expunge.erasure_subjects s WHERE s.request_id = r.id)`,
      );
      return row?.id ?? null;
    });
  }

  /** Waits until nothing at all is left of a request. */
  async gone(requestId: string): Promise<void> {
    await until(async () => {
      const [row] = await this.db.run<{ left: number }>(
        `SELECT (SELECT count(*) FROM expunge.erasure_requests WHERE id = $1)::int
              + (SELECT count(*) FROM expunge.erasure_subjects WHERE request_id = $1)::int AS left`,
        [requestId],
      );
      return row?.left === 0 ? true : null;
    });
  }

  /** Waits until nothing is uploaded or removed any more. */
  async nothingHidden(): Promise<void> {
    await until(async () => {
      const hidden = await this.db.run(
        `SELECT id FROM expunge.erasure_requests WHERE status IN ('uploading', 'forgotten')`,
      );
      return hidden.length === 0 ? true : null;
    });
  }

  /** Requests that are not hidden. */
  async shown(): Promise<number> {
    const [row] = await this.db.run<{ count: number }>(
      `SELECT count(*)::int AS count FROM expunge.erasure_requests WHERE status NOT IN ('uploading', 'forgotten')`,
    );
    return row?.count ?? 0;
  }
}

/** Entries that mean nobody. */
export function entries(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `nobody-${n}`);
}

/** Looks again and again until there is something. */
export async function until<T>(look: () => Promise<T | null>, withinMs = 30_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`not so within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
