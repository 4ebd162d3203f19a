import { Controller, Get, HttpException, Logger, Module, Post } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { type Caller } from '../../../src/auth/caller.js';
import { CurrentCaller } from '../../../src/auth/current-caller.decorator.js';
import { OpenRoute, RequiresScope } from '../../../src/auth/requires-scope.decorator.js';
import { AddRouteConfig, policyOf } from '../../../src/auth/route-policy.js';
import { ScopeGuard } from '../../../src/auth/scope.guard.js';
import { DELETE_USERS_DATA } from '../../../src/auth/scopes.js';
import { SpendTokenInterceptor } from '../../../src/auth/spend-token.interceptor.js';
import { TokenSpender } from '../../../src/auth/token-spender.service.js';
import { ApiError } from '../../../src/common/errors/api-error.js';
import { signedToken } from '../../support/tokens.js';
import { type AuthProcess, AuthWorld } from './auth-world.js';
import { type NewClientApp } from '../../../src/auth/client-apps.service.js';

@Controller()
class SampleController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly spender: TokenSpender,
  ) {}

  @Get('scoped')
  @RequiresScope(DELETE_USERS_DATA, { limit: 'read', compatibleTokens: true })
  @AddRouteConfig({ bodyLimit: 7 })
  scoped(@CurrentCaller() caller: Caller): object {
    return { accountId: caller.accountId };
  }

  @Get('failing')
  @RequiresScope(DELETE_USERS_DATA, { limit: 'read' })
  failing(): never {
    throw new HttpException('gone wrong', 503);
  }

  @Post('spending')
  @RequiresScope(DELETE_USERS_DATA, { limit: 'erase' })
  async spending(@CurrentCaller() caller: Caller): Promise<object> {
    await this.dataSource.transaction((manager) => this.spender.spend(manager, caller));
    return {};
  }

  @Get('forgotten')
  forgotten(): object {
    return {};
  }

  @Get('open')
  @OpenRoute()
  open(): object {
    return {};
  }
}

let world: AuthWorld;
let process: AuthProcess;
let app: NestFastifyApplication;
let address: string;
let lastConfig: object;

beforeAll(async () => {
  world = await AuthWorld.make();
  process = world.process();
  const { dataSource } = world.database;
  @Module({
    controllers: [SampleController],
    providers: [
      { provide: DataSource, useValue: dataSource },
      { provide: TokenSpender, useValue: process.spender },
      { provide: APP_GUARD, useClass: ScopeGuard },
      { provide: APP_INTERCEPTOR, useClass: SpendTokenInterceptor },
    ],
  })
  class SampleModule {}
  const adapter = new FastifyAdapter();
  // As the door does it, but that refusals are not made into envelopes here.
  adapter.getInstance().addHook('onRequest', async (request) => {
    const { auth } = request.headers;
    lastConfig = request.routeOptions.config;
    const allowCompatible = policyOf(request).compatibleTokens;
    if (typeof auth === 'string') request.caller = await process.verifier.verify(auth, { allowCompatible });
  });
  Logger.overrideLogger(false);
  app = await NestFactory.create<NestFastifyApplication>(SampleModule, adapter);
  app.useGlobalFilters({
    catch: (error: unknown, host): void => {
      const reply = host.switchToHttp().getResponse<{ code(c: number): { send(b: object): void } }>();
      const status = error instanceof ApiError ? error.httpStatus : (error as HttpException).getStatus();
      reply
        .code(status)
        .send(
          error instanceof ApiError ? { msg: error.message, code: error.code, reason: error.reason } : {},
        );
    },
  });
  await app.listen(0, '127.0.0.1');
  address = await app.getUrl();
});
afterAll(async () => {
  await app.close();
  await world.database.drop();
});

async function call(path: string, token: string | null = null, method = 'GET'): Promise<object> {
  const answer = await fetch(`${address}${path}`, { method, headers: token === null ? {} : { auth: token } });
  return { status: answer.status, ...((await answer.json()) as object) };
}

async function tokenOf(changes: Partial<NewClientApp> = {}, jti: string | null = null): Promise<string> {
  const { clientId, clientSecret } = await world.app(changes);
  const iat = world.clock.seconds;
  return signedToken(clientSecret, {
    appId: clientId,
    iat,
    exp: iat + 60,
    ...(jti === null ? {} : { jti }),
  });
}

const wrongScope = (reason: string): object => ({
  status: 401,
  msg: 'Permission denied. Scope is incorrect!',
  code: 4002,
  reason,
});

describe('a route', () => {
  it('with a scope lets in who holds it, by either name', async () => {
    const answer = { status: 200, accountId: 'a'.repeat(24) };
    expect(await call('/scoped', await tokenOf())).toEqual(answer);
    const scopes = ['Sessions:Read', 'Profile Management:Delete Users Data'];
    expect(await call('/scoped', await tokenOf({ scopes }))).toEqual(answer);
  });

  it.each([
    ['no scope', []],
    ['another scope', ['Bot Analytics:Read Sessions']],
    ['the scope in another spelling', ['bot analytics:delete users data']],
    ['part of the name', ['Delete Users Data']],
  ])('with a scope keeps out who holds %s', async (_, scopes) => {
    expect(await call('/scoped', await tokenOf({ scopes }))).toEqual(wrongScope('SCOPE_MISSING'));
  });

  it('keeps out apps that were made in the Bot Builder', async () => {
    expect(await call('/scoped', await tokenOf({ origin: 'bot-builder' }))).toEqual(wrongScope('APP_ORIGIN'));
  });

  it('with a scope keeps out who was not verified at all', async () => {
    for (const path of ['/scoped', '/failing'])
      expect(await call(path)).toMatchObject({ status: 401, reason: 'INVALID_CREDENTIALS' });
  });

  it('that declares nothing keeps everybody out', async () => {
    expect(await call('/forgotten', await tokenOf())).toEqual(wrongScope('SCOPE_MISSING'));
    expect(await call('/forgotten')).toEqual(wrongScope('SCOPE_MISSING'));
  });

  it('that is open lets everybody in', async () => {
    expect(await call('/open')).toEqual({ status: 200 });
  });

  it('tells the door what it declares, beside what other decorators add', async () => {
    await call('/scoped', await tokenOf());
    expect(lastConfig).toMatchObject({
      scope: DELETE_USERS_DATA,
      open: false,
      compatibleTokens: true,
      limit: 'read',
      bodyLimit: 7,
    });
  });

  it('declares the same in the description', () => {
    const { paths } = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    expect(paths['/scoped']?.get).toMatchObject({
      security: [{ auth: [DELETE_USERS_DATA] }, { bearer: [DELETE_USERS_DATA] }],
      responses: {
        401: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorAnswer' } } },
        },
      },
    });
    expect(paths['/open']?.get?.security).toBeUndefined();
  });
});

describe('a one-time token', () => {
  const replayed = { status: 401, msg: 'error verifying the jwt: possibly a replay', code: 401 };

  it('is spent by a call that succeeded', async () => {
    const token = await tokenOf({}, 'read');
    expect(await call('/scoped', token)).toMatchObject({ status: 200 });
    expect(await call('/scoped', token)).toMatchObject(replayed);
  });

  it('is spent once where the handler does it', async () => {
    const token = await tokenOf({}, 'write');
    expect(await call('/spending', token, 'POST')).toMatchObject({ status: 201 });
    expect(await call('/spending', token, 'POST')).toMatchObject(replayed);
  });

  it('stays good when the call failed, or was not let in', async () => {
    const token = await tokenOf({}, 'kept');
    expect(await call('/failing', token)).toMatchObject({ status: 503 });
    expect(await call('/forgotten', token)).toMatchObject({ status: 401 });
    expect(await call('/nowhere', token)).toMatchObject({ status: 404 });
    expect(await call('/scoped', token)).toMatchObject({ status: 200 });
  });
});
