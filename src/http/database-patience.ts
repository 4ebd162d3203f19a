import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { DatabasePulse } from '../database/database-pulse.js';

/** Nobody waits for a database that is gone: routes answer 503 within two seconds, also where its connections just hang. */
@Injectable()
export class DatabasePatience implements NestInterceptor {
  constructor(private readonly pulse: DatabasePulse) {}

  /** A stream of lines takes as long as its sender; it has bounds of its own. */
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.routeOptions.config.lines === true) return next.handle();
    return from(this.pulse.whileAnswering(lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}
