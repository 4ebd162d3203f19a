import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { invalidArguments } from '../../common/errors/api-error.js';
import { describeKind } from '../../common/describe-kind.js';

/** For calls whose path says it all: a body that wants more would be ignored in silence. Runs after the scope guard. */
@Injectable()
export class NoBodyGuard implements CanActivate {
  /** @throws ApiError 412 */
  canActivate(context: ExecutionContext): boolean {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    const empty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
    if (body === undefined || (empty && !Array.isArray(body))) return true;
    const expected = 'no body, or an empty object';
    throw invalidArguments([{ field: 'body', problem: describeKind(body), expected }]);
  }
}
