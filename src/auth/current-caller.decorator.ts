import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { type Caller } from './caller.js';
import { noToken } from './token-errors.js';

/** The caller that the door found behind the request's token. @throws ApiError 401 on a route that has none */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (caller === undefined) throw noToken();
  return caller;
});
