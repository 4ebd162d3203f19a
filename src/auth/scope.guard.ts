import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { policyOf } from './route-policy.js';
import { holdsScope } from './scopes.js';
import { noToken, wrongScope } from './token-errors.js';

/**
 * Lets a call through when its route is open, or when the caller's app was made in the Admin Console and holds the scope
 * that the route declares. A route that declares nothing lets nobody through.
 */
@Injectable()
export class ScopeGuard implements CanActivate {
  /** @throws ApiError 401 */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { open, scope } = policyOf(request);
    if (open) return true;
    if (scope === null) throw wrongScope('SCOPE_MISSING');
    const { caller } = request;
    if (caller === undefined) throw noToken();
    if (caller.origin !== 'admin-console') throw wrongScope('APP_ORIGIN');
    if (!holdsScope(caller.scopes, scope)) throw wrongScope('SCOPE_MISSING');
    return true;
  }
}
