import Fastify from 'fastify';
import { Pool } from 'pg';

/** The least that accepts a call durably: Fastify, and one INSERT of the request and its entries. Argument: database URL. */
const pool = new Pool({ connectionString: process.argv[2], max: 10, application_name: 'bare fastify' });
pool.on('error', () => undefined);
const app = Fastify({ bodyLimit: 8 * 2 ** 20 });

interface Body {
  readonly userIds: readonly string[];
  readonly RemoveDataFromAllBots: boolean;
}

app.post<{ Body: Body }>('/erase', async (request) => {
  const id = `eud-${crypto.randomUUID()}`;
  const { userIds, RemoveDataFromAllBots } = request.body;
  await pool.query(
    `WITH request AS (
       INSERT INTO bench.requests (id, account_id, client_id, all_bots, bot_ids, received_on, due_on, not_before,
         created_on, last_updated_on, total, mac)
       VALUES ($1, 'a', 'c', $2, '{}', now(), now(), now(), now(), now(), $3, '')
     )
     INSERT INTO bench.subjects (request_id, position, entry, last_updated_on)
     SELECT $1, e.index - 1, convert_to(e.id, 'UTF8'), now() FROM unnest($4::text[]) WITH ORDINALITY AS e (id, index)`,
    [id, RemoveDataFromAllBots, userIds.length, userIds],
  );
  return { requestId: id, status: 'in-progress' };
});

process.stdout.write(`listens on ${await app.listen({ port: 0, host: '127.0.0.1' })}\n`);
process.once('SIGTERM', () => process.exit(0));
