import { type Readable } from 'node:stream';
import { apiErrorOfStatus } from '../answers/api-error-of.js';

/**
 * The next bytes of a body; null at its end. Reads no more than what is there, so that the sender is held back while nobody
 * asks, and leaves no listener behind, so that what nobody wants any more can flow away.
 *
 * @param silenceMs how long to wait
 * @throws ApiError 408 after that, 400 when the connection breaks before the end
 */
export async function nextChunk(body: Readable, silenceMs: number): Promise<Buffer | null> {
  const deadline = performance.now() + silenceMs;
  for (;;) {
    const chunk = body.read() as Buffer | null;
    if (chunk !== null) return chunk;
    if (body.readableEnded) return null;
    if (body.destroyed) throw apiErrorOfStatus(400);
    await change(body, deadline - performance.now());
  }
}

const events = ['readable', 'end', 'error', 'close'] as const;

function change(body: Readable, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      for (const event of events) body.off(event, happened);
    };
    const happened = (): void => {
      leave();
      resolve();
    };
    const timer = setTimeout(() => {
      leave();
      reject(apiErrorOfStatus(408));
    }, withinMs);
    for (const event of events) body.on(event, happened);
  });
}
