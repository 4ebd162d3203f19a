import { type FastifyReply } from 'fastify';
import { type ApiError } from '../../common/errors/api-error.js';
import { type Answer, answerOf } from './answer.js';
import { apiErrorOf } from './api-error-of.js';
import { commonHeaders } from './common-headers.js';

declare module 'fastify' {
  interface FastifyReply {
    /** The reason that the answer told, for the log. */
    toldReason?: string;
  }
}

/** Answers with an error's envelope; after the head has gone, ends the connection instead. */
export function sendAnswer(reply: FastifyReply, error: unknown): void {
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  const answer = answerOf(apiErrorOf(error), reply.request.id);
  reply.toldReason = answer.body.errors[0].reason ?? String(answer.status);
  void reply
    .code(answer.status)
    .headers({ ...commonHeaders(reply.request.id), ...answer.headers })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(answer.body));
}

/** The same answer as bytes, for what goes wrong before there is a request (`clientError`). Closes the connection. */
export function rawAnswer(error: ApiError, requestId: string): string {
  const answer: Answer = answerOf(error, requestId);
  const body = JSON.stringify(answer.body);
  const headers = {
    ...commonHeaders(requestId),
    ...answer.headers,
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${answer.status} ${error.message}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
