import { type Server } from 'node:http';
import { type FastifyReply, type FastifyRequest } from 'fastify';

/** Ends bodies that take too long to arrive, with 408 where nothing was answered yet. */
export class ArrivalTime {
  constructor(
    private readonly server: Pick<Server, 'emit'>,
    private readonly timeoutMs: number,
  ) {}

  /** Gives the rest of a request's body its time from now on. */
  begin({ raw }: FastifyRequest, reply: FastifyReply): void {
    const { headers } = raw;
    const bodiless = headers['transfer-encoding'] === undefined && headers['content-length'] === undefined;
    if (bodiless || raw.complete) return;
    const timer = setTimeout(() => {
      if (raw.complete) return;
      if (reply.sent) raw.socket.destroy();
      // As Node itself says it of a head that takes too long.
      else this.server.emit('clientError', Object.assign(new Error(), { code: TIMEOUT }), raw.socket);
    }, this.timeoutMs);
    timer.unref();
    const stop = (): void => {
      clearTimeout(timer);
    };
    raw.once('end', stop).once('close', stop);
  }
}

const TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT';
