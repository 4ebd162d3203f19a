import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { TokenSpender } from './token-spender.service.js';

/**
 * Spends the one-time token of a call whose handler succeeded and did not spend it in a transaction of its own. A handler
 * that failed leaves the token good.
 */
@Injectable()
export class SpendTokenInterceptor implements NestInterceptor {
  constructor(
    private readonly dataSource: DataSource,
    private readonly spender: TokenSpender,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (caller === undefined || this.spender.isSettled(caller)) return next.handle();
    return next.handle().pipe(
      mergeMap(async (answer) => {
        if (!this.spender.isSettled(caller)) await this.spender.spend(this.dataSource.manager, caller);
        return answer;
      }),
    );
  }
}
