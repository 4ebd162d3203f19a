import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DemoDatabase } from '../../../src/cli/demo/demo-database.js';

describe('the database of a demo', () => {
  let place: string;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'demo-place-'));
    // Root's server runs under another account, which has to get through.
    await chmod(place, 0o755);
  });
  afterAll(async () => {
    await rm(place, { recursive: true, force: true });
  });

  async function query(database: DemoDatabase, text: string): Promise<unknown[]> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('is empty at the start, leaves nothing at the end, and is refused while another demo uses the place', async () => {
    const directory = join(place, 'demo');
    const database = await DemoDatabase.start(directory);
    await query(database, 'CREATE TABLE something (id int)');
    await expect(DemoDatabase.start(directory)).rejects.toThrow('already serves');
    expect(await query(database, 'SELECT id FROM something')).toEqual([]);
    await database.remove();
    expect(await readdir(place)).toEqual([]);

    const again = await DemoDatabase.start(directory);
    expect(await query(again, `SELECT to_regclass('something') AS found`)).toEqual([{ found: null }]);
    await again.remove();
    expect(await readdir(place)).toEqual([]);
  });
});
