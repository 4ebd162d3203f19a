import { type PoolClient } from 'pg';
import { Pool } from 'pg';

/** As many as a worker works on at once by default: nobody is measured against fewer. */
export const connections = 2;

export function openPool(url: string, name: string): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: name,
    idleTimeoutMillis: 0,
  });
  // A database that is dropped takes connections with it that are just being closed.
  pool.on('error', () => undefined);
  return pool;
}

/** `items` in pieces of at most `size`. */
export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  );
}

/** Works on the chunks over `lanes` connections at once, in their order, each chunk in one transaction. */
export async function inChunks<T>(
  pool: Pool,
  chunks: readonly T[],
  work: (client: PoolClient, chunk: T) => Promise<void>,
  lanes = connections,
): Promise<void> {
  const waiting = chunks.values();
  const lane = async (): Promise<void> => {
    const client = await pool.connect();
    try {
      for (const chunk of waiting) {
        await client.query('BEGIN');
        await work(client, chunk);
        await client.query('COMMIT');
      }
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
