import { createServer } from 'node:net';
import { once } from 'node:events';
import { Client } from 'pg';
import { superuser } from './cluster.js';

const host = '127.0.0.1';
const database = 'expunge';

export function databaseUrl(port: number, password: string, name = database): string {
  return `postgres://${superuser}:${password}@${host}:${port}/${name}`;
}

/** Whether the server takes connections: false while it starts, recovers or stops. */
export async function answers(port: number, password: string): Promise<boolean> {
  return withClient(port, password, () => Promise.resolve(true)).catch((error: unknown) => {
    // Wrong password or the like: waiting won't help.
    if (/^28/.test(String((error as { code?: unknown }).code))) throw error;
    return false;
  });
}

/** Makes our database, which initdb does not. */
export async function ensureDatabase(port: number, password: string): Promise<void> {
  await withClient(port, password, async (client) => {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  });
}

async function withClient<T>(
  port: number,
  password: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: databaseUrl(port, password, 'postgres'),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The preferred port of 127.0.0.1 if it is free, else any other. */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? 0;
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  } catch {
    return null;
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}
