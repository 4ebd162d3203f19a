import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { ClientAppsService, type NewClientApp } from '../../src/auth/client-apps.service.js';
import { TokenIssuer } from '../../src/auth/token-issuer.service.js';
import { DELETE_USERS_DATA } from '../../src/auth/scopes.js';
import { type EventLog } from '../../src/common/logging/event-log.js';
import { type SettingsValues } from '../../src/config/settings.js';
import { DatabaseFault } from '../../src/database/database-fault.js';
import { type ErasureStatusDto } from '../../src/erasure/intake/status.dto.js';
import { type SubjectDto } from '../../src/erasure/intake/subject.dto.js';
import { createHttpApp } from '../../src/http/create-http-app.js';
import { testSettings } from './settings.js';

const ROUTE = '/api/public/bot/eraseUsersData';
/** Where it is sooner the wait is over at once: so long only a machine may take that does much else. */
const SETTLED_WITHIN_MS = 90_000;
/** Each look takes what the service under test needs: more often, and the wait would be longer. */
const LOOK_EVERY_MS = 50;

/** A running service of a test: listening on a port of its own. */
export class TestService {
  private constructor(
    private readonly app: NestFastifyApplication,
    readonly url: string,
    /** As it was started: start another with the same, master key included. */
    readonly settings: SettingsValues,
  ) {}

  /**
   * @param databaseUrl whose role the service runs under
   * @param log instead of the one that the settings ask for
   */
  static async start(
    databaseUrl: string,
    overrides: Partial<SettingsValues> = {},
    log?: EventLog,
  ): Promise<TestService> {
    const settings = testSettings({ databaseUrl, ...overrides });
    const app = await createHttpApp(AppModule.forRole(settings, log), settings);
    // One that refuses to start must not go on in the background.
    await app.listen(0, '127.0.0.1').catch(async (error: unknown) => {
      await app.close();
      throw error;
    });
    // The client runs in this very process: after a pause of both, only it may end an idle connection, or it
    // would send over one that the service has just closed.
    app.getHttpServer().keepAliveTimeout = 0;
    return new TestService(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'), settings);
  }

  get databaseUrl(): string {
    return this.settings.databaseUrl ?? '';
  }

  /** A client app of the account, with a token. */
  async client(accountId: string, changes: Partial<NewClientApp> = {}): Promise<TestClient> {
    const apps = this.app.get(ClientAppsService, { strict: false });
    const app: NewClientApp = {
      accountId,
      name: 'console',
      scopes: [DELETE_USERS_DATA],
      origin: 'admin-console',
      tokenPolicy: 'strict',
      tokenPolicyUntil: null,
      audience: null,
      requireJti: false,
      ...changes,
    };
    const { clientId, clientSecret } = await connected(() => apps.create(app));
    const issuer = this.app.get(TokenIssuer, { strict: false });
    const { token } = await issuer.issue(clientId, 'test', 3_600);
    return new TestClient(this.url, token, clientId, clientSecret);
  }

  get<T>(type: abstract new (...parameters: never[]) => T): T {
    return this.app.get<T>(type, { strict: false });
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}

/** As the wire has it: no class. */
type Report = Pick<ErasureStatusDto, keyof ErasureStatusDto>;

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Calls the service over HTTP, as clients do. */
export class TestClient {
  constructor(
    readonly url: string,
    readonly token: string,
    readonly clientId: string,
    readonly clientSecret: string,
  ) {}

  /** The same client of another process of the service. */
  at(url: string): TestClient {
    return new TestClient(url, this.token, this.clientId, this.clientSecret);
  }

  async call<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        auth: this.token,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  async send<Body = unknown>(body: unknown): Promise<Answer<Body>> {
    return this.call<Body>('DELETE', ROUTE, body);
  }

  /** Sends a call that must be accepted; returns the request id. */
  async erase(body: unknown): Promise<string> {
    const answer = await this.send<{ requestId: string }>(body);
    if (answer.status !== 200)
      throw new Error(`not accepted: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.requestId;
  }

  async status(requestId: string, query = ''): Promise<Answer<ErasureStatusDto>> {
    return this.call<ErasureStatusDto>('GET', `${ROUTE}/status/${requestId}${query}`);
  }

  /** The report, asked for again while the service is busy or its database is away, as clients do. */
  async report(requestId: string, query = '', withinMs = SETTLED_WITHIN_MS): Promise<ErasureStatusDto> {
    for (const deadline = Date.now() + withinMs; ;) {
      const { status, body } = await this.status(requestId, query);
      if (status === 200) return body;
      if (![429, 503].includes(status) || Date.now() > deadline)
        throw new Error(`no report: ${status} ${JSON.stringify(body)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Waits until the request has settled. */
  async settled(requestId: string, withinMs = SETTLED_WITHIN_MS): Promise<ErasureStatusDto> {
    await this.until(requestId, (status) => status.status !== 'in-progress', { query: '?limit=1', withinMs });
    return this.report(requestId);
  }

  /** Waits until the report is as wanted. */
  async until(
    requestId: string,
    wanted: (status: ErasureStatusDto) => boolean,
    { query = '', withinMs = SETTLED_WITHIN_MS } = {},
  ): Promise<ErasureStatusDto> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const body = await this.report(requestId, query, withinMs);
      if (wanted(body)) return body;
      if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(body.counts)} after ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Erases and waits: what became of each entry, in the order sent. */
  async eraseAndWait(body: unknown): Promise<Readonly<Report> & { readonly first: SubjectDto }> {
    const status: Report = await this.settled(await this.erase(body));
    const [first] = status.response;
    if (!first) throw new Error('a report without entries');
    return { ...status, first };
  }
}

/** Tried again where a machine that does much else takes longer to connect than a service waits. */
async function connected<T>(work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + SETTLED_WITHIN_MS; ;)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseFault && error.connectionLost) || Date.now() > deadline) throw error;
    }
}
