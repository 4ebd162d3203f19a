import { randomUUID } from 'node:crypto';
import { type Socket } from 'node:net';
import { type ConnectionError } from 'fastify';
import { apiErrorOfStatus } from './api-error-of.js';
import { rawAnswer } from './send-answer.js';

const statusOfCode: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what Node could not read as HTTP, or did not get in time, and closes the connection. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable && !answerBegun(socket))
    socket.write(rawAnswer(apiErrorOfStatus(statusOfCode[error.code] ?? 400), randomUUID()));
  socket.destroySoon();
}

/** Bytes of another answer on the same connection may be under way: ours must not end up in the midst of it. */
function answerBegun(socket: Socket & { readonly _httpMessage?: { readonly headersSent?: boolean } | null }) {
  return socket._httpMessage?.headersSent === true;
}
