import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { ApiError } from '../../common/errors/api-error.js';
import { EventLog } from '../../common/logging/event-log.js';
import { defineEvent } from '../../common/logging/event.js';
import { apiErrorOf } from './api-error-of.js';
import { faultOf } from './fault-of.js';
import { sendAnswer } from './send-answer.js';

const failed = defineEvent('http.failed', { requestId: 'id', code: 'code', at: 'code' });

/** The only place where an error becomes an answer. What is not foreseen is a 500 that tells its request id, and a line. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly log: EventLog) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (!(error instanceof ApiError) && apiErrorOf(error).httpStatus >= 500)
      this.log.error(failed, { requestId: reply.request.id, ...faultOf(error) });
    sendAnswer(reply, error);
  }
}
