import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../../src/database/data-source-options.js';
import { eventually } from '../../support/eventually.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';

/** ReadyForQuery, idle: the end of a connection's beginning. */
const ready = Buffer.from('Z\0\0\0\x05I', 'latin1');

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase({ platform: false });
});
afterAll(() => db.drop());

/** As a server says it that is told to stop, or whose postmaster died. */
function lastWords(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0', 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  return Buffer.concat([Buffer.from('E'), length, fields]);
}

it('a server that goes down with the first word of a connection ends a statement, and not the process', async () => {
  const url = new URL(db.url);
  const port = Number(url.port);
  let goesDown = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      const said = goesDown && chunk.includes(ready);
      client.write(said ? Buffer.concat([chunk, lastWords()]) : chunk);
      if (said) client.end();
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => undefined).on('close', () => other.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url.port = String((server.address() as AddressInfo).port);
  const options = await dataSourceOptions({ databaseUrl: url.href, databasePoolSize: 2 }, 'test');
  const source = await new DataSource(options).initialize();
  const inUse = source.createQueryRunner();
  await inUse.connect();

  goesDown = true;
  await expect(source.query('SELECT 1')).rejects.toThrow();

  goesDown = false;
  const answers = (): Promise<boolean> =>
    source.query('SELECT 1').then(
      () => true,
      () => false,
    );
  await eventually('statements are answered again', answers);
  await inUse.release();
  await source.destroy();
  server.close();
});
