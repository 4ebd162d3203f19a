import { DELETE_USERS_DATA } from '../../src/auth/scopes.js';
import { withAuthServices } from '../../src/cli/auth-services.js';
import { EventLog } from '../../src/common/logging/event-log.js';
import { testSettings } from '../../test/support/settings.js';
import { type Arena } from '../platform/arena.js';
import { accountId } from '../platform/layout.js';
import { masterKey } from './expunge-processes.js';

export const erasePath = '/api/public/bot/eraseUsersData';

/** Longer than any run of the bench, and as long as a token may be. */
const tokenSeconds = 24 * 3_600;

export interface EraseBody {
  readonly userIds: readonly string[];
  readonly RemoveDataFromAllBots: true;
}

/** Calls the service over HTTP, as an app of the measured account. */
export class EraseClient {
  private constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  static async create(arena: Arena, url: string): Promise<EraseClient> {
    return new EraseClient(url, await makeToken(arena));
  }

  /** @returns the request's id. @throws Error when the service refuses */
  async erase(body: EraseBody): Promise<string> {
    return this.send(JSON.stringify(body));
  }

  /** As `erase`, with the body written already. */
  async send(body: string, idempotencyKey?: string): Promise<string> {
    const response = await fetch(this.url + erasePath, {
      method: 'POST',
      headers: {
        auth: this.token,
        'content-type': 'application/json',
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body,
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`the service answered ${response.status}: ${answer}`);
    return (JSON.parse(answer) as { requestId: string }).requestId;
  }
}

/** A token of a new client app of the measured account. */
export async function makeToken(arena: Arena): Promise<string> {
  const settings = testSettings({ databaseUrl: arena.ownerUrl, masterKey });
  const io = {
    database: () => Promise.resolve({ dataSource: arena.source, settings }),
    log: new EventLog('silent'),
  };
  return withAuthServices(io, async ({ apps, issuer }) => {
    const { clientId } = await apps.create({
      accountId,
      name: 'bench',
      scopes: [DELETE_USERS_DATA],
      origin: 'admin-console',
      tokenPolicy: 'strict',
      tokenPolicyUntil: null,
      audience: null,
      requireJti: false,
    });
    const { token } = await issuer.issue(clientId, 'bench', tokenSeconds);
    return token;
  });
}
