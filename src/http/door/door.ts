import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type Caller } from '../../auth/caller.js';
import { type LongCall, policyOf, type RoutePolicy } from '../../auth/route-policy.js';
import { wrongScope } from '../../auth/token-errors.js';
import { TokenVerifier } from '../../auth/token-verifier.service.js';
import { ApiError } from '../../common/errors/api-error.js';
import { StopListener } from '../../common/stop-listener.js';
import { RateLimits } from '../limits/rate-limits.js';
import { checkBody } from './body-check.js';
import { checkRoute, checkWellFormed } from './route-check.js';
import { tokenOf } from './token-of.js';

/**
 * Everything that is checked before a byte of the body is read. The first check that fails answers, in this order:
 * malformed request, unknown path, method, token, rate, encoding and content type, declared size. (JSON, scope, fields and
 * state come after it, in Fastify's parser, the scope guard, the validation pipe and the services.)
 */
@Injectable()
export class Door extends StopListener implements OnModuleDestroy {
  private stopping = false;

  constructor(
    private readonly tokens: TokenVerifier,
    private readonly limits: RateLimits,
  ) {
    super();
  }

  /** From here on answers close their connections, so that a stop does not wait for idle clients. */
  get closing(): boolean {
    return this.stopping;
  }

  override onStop(): void {
    this.stopping = true;
  }

  onModuleDestroy(): void {
    this.onStop();
  }

  /** Lets a request in, with `request.caller` set unless the route is open. @throws ApiError; DatabaseFault */
  async admit(request: FastifyRequest): Promise<void> {
    checkWellFormed(request);
    checkRoute(request);
    const policy = policyOf(request);
    if (!policy.open) {
      const caller = await this.identify(request, policy);
      if (policy.limit !== null) await this.limits.chargeAccount(policy.limit, caller.accountId);
      request.caller = caller;
      if (policy.limit === 'bulk') request.longCall = this.longCall(policy.limit, caller);
      // A route that declares nothing is closed; routes that are not Nest's have no scope guard behind the door.
      if (policy.scope === null) throw wrongScope('SCOPE_MISSING');
    }
    checkBody(request);
  }

  private longCall(bucket: 'bulk', caller: Caller): LongCall {
    return {
      charge: (entries) => this.limits.chargeEntries(bucket, caller.accountId, entries),
      recheck: () => this.tokens.refuseRevoked(caller),
    };
  }

  private async identify(request: FastifyRequest, policy: RoutePolicy): Promise<Caller> {
    try {
      const token = tokenOf(request.raw.headers);
      return await this.tokens.verify(token, { allowCompatible: policy.compatibleTokens });
    } catch (error) {
      if (error instanceof ApiError && error.httpStatus === 401) await this.limits.chargeFailure(request.ip);
      throw error;
    }
  }
}
