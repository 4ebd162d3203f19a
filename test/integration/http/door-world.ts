import { connect, type Server } from 'node:net';
import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { ClientAppsService, type NewClientApp } from '../../../src/auth/client-apps.service.js';
import { DELETE_USERS_DATA } from '../../../src/auth/scopes.js';
import { TokenIssuer } from '../../../src/auth/token-issuer.service.js';
import { EventLog } from '../../../src/common/logging/event-log.js';
import { Settings } from '../../../src/config/settings.js';
import { createHttpApp } from '../../../src/http/create-http-app.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';
import { LettersController } from './letters.js';

export const ACCOUNT = 'a'.repeat(24);
export const OTHER_ACCOUNT = 'b'.repeat(24);
export const LETTERS = '/api/letters';

@Global()
@Module({})
class GivenToAll {}

/** A service with throw-away controllers behind the real door, on a free port, over a real database. */
export class DoorWorld {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly database: TestDatabase,
    readonly url: string,
    readonly logged: string[],
  ) {}

  static async open(
    overrides: Partial<Settings> = {},
    controllers: readonly Type[] = [LettersController],
    providers: DynamicModule['providers'] = [],
  ): Promise<DoorWorld> {
    const database = await testDatabase();
    for (const account of [ACCOUNT, OTHER_ACCOUNT])
      await database.run('INSERT INTO platform.accounts (id, name) VALUES ($1, $2)', [account, 'Acme']);
    const settings = testSettings(overrides);
    const logged: string[] = [];
    const log = new EventLog('debug', { write: (line) => void logged.push(line) });
    const given = [
      { provide: Settings, useValue: settings },
      { provide: EventLog, useValue: log },
      { provide: DataSource, useValue: database.dataSource },
    ];
    const app = await createHttpApp(
      {
        module: GivenToAll,
        controllers: [...controllers],
        providers: [...given, ...providers],
        exports: given.map(({ provide }) => provide),
      },
      settings,
    );
    // Not of a controller, and declared as nothing.
    app
      .getHttpAdapter()
      .getInstance()
      .get('/bare', () => ({ secret: true }));
    await app.listen(0, '127.0.0.1');
    return new DoorWorld(app, database, (await app.getUrl()).replace('[::1]', '127.0.0.1'), logged);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.drop();
  }

  /** A token of a new app; by default one that may do everything here. */
  async token(app: Partial<NewClientApp> = {}): Promise<string> {
    const { clientId } = await this.app.get(ClientAppsService, { strict: false }).create({
      accountId: ACCOUNT,
      name: 'door',
      scopes: [DELETE_USERS_DATA],
      origin: 'admin-console',
      tokenPolicy: 'strict',
      tokenPolicyUntil: null,
      audience: null,
      requireJti: false,
      ...app,
    });
    return (await this.app.get(TokenIssuer, { strict: false }).issue(clientId, 'tester', 600)).token;
  }

  /** Returns when the last client is gone. */
  async noConnections(): Promise<void> {
    const server = this.app.getHttpServer() as Server;
    const count = (): Promise<number> =>
      new Promise((resolve) => {
        server.getConnections((_error, open) => {
          resolve(open);
        });
      });
    const deadline = Date.now() + 10_000;
    while ((await count()) > 0) {
      if (Date.now() > deadline) throw new Error('clients are still connected');
      await nextTurn();
    }
  }

  /** Bytes as they are, and all that comes back until the connection ends or `until` is in it. */
  async raw(bytes: string | Buffer, until = /$^/): Promise<string> {
    const { hostname, port } = new URL(this.url);
    const socket = connect(Number(port), hostname);
    socket.write(bytes);
    let answer = '';
    return new Promise((resolve, reject) => {
      socket.setTimeout(20_000, () => socket.destroy(new Error(`no answer; so far: ${answer}`)));
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
        if (until.test(answer)) socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
      });
      socket.on('close', () => {
        resolve(answer);
      });
    });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What every answer must carry, and its body's first error. */
export interface Told {
  readonly status: number;
  readonly msg: string;
  readonly code: number;
  readonly reason?: string;
  readonly details?: readonly { field: string; problem: string; expected: string }[];
  readonly more?: number;
}

export async function told(response: Response): Promise<Told> {
  const body = (await response.json()) as { errors: [Omit<Told, 'status'>] };
  return { status: response.status, ...body.errors[0] };
}

export function toldRaw(answer: string): Told {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const json = /\{.*\}/s.exec(body)?.[0] ?? 'null';
  const { errors } = JSON.parse(json) as { errors: [Omit<Told, 'status'>] };
  return { status: Number(head.split(' ')[1]), ...errors[0] };
}
