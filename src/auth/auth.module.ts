import { Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { Clock } from '../common/clock.js';
import { KeysModule } from '../common/keys/keys.module.js';
import { UsersModule } from '../users/users.module.js';
import { AppSecrets } from './app-secrets.js';
import { ClientAppLookup } from './client-app-lookup.service.js';
import { ClientAppsService } from './client-apps.service.js';
import { ScopeGuard } from './scope.guard.js';
import { SpendTokenInterceptor } from './spend-token.interceptor.js';
import { TokenIssuer } from './token-issuer.service.js';
import { TokenSpender } from './token-spender.service.js';
import { TokenVerifier } from './token-verifier.service.js';

const services = [ClientAppsService, TokenIssuer, TokenSpender, TokenVerifier];

/**
 * Who calls: client apps, their tokens, what they may do. Its guard and its interceptor hold for every route of the
 * process. Needs the data source, the settings and the event log, which the root module gives to all.
 */
@Module({
  imports: [KeysModule, UsersModule],
  providers: [
    ...services,
    AppSecrets,
    ClientAppLookup,
    Clock,
    { provide: APP_GUARD, useClass: ScopeGuard },
    { provide: APP_INTERCEPTOR, useClass: SpendTokenInterceptor },
  ],
  exports: services,
})
export class AuthModule {}
