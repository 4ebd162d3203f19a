import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CommandIo } from '../../../src/cli/command.js';
import { dataMapCheck } from '../../../src/cli/data-map.js';
import { grants } from '../../../src/cli/grants.js';
import { EventLog } from '../../../src/common/logging/event-log.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

describe('expunge data-map check, expunge grants', () => {
  let db: TestDatabase;
  let directory: string;
  let out: string[];

  beforeAll(async () => {
    db = await testDatabase();
    directory = await mkdtemp(join(tmpdir(), 'data-map-'));
  });

  afterAll(async () => {
    await db.drop();
    await rm(directory, { recursive: true });
  });

  async function io(change: (map: string) => string = (map) => map): Promise<CommandIo> {
    const dataMapPath = join(directory, 'data-map.yaml');
    await writeFile(dataMapPath, change(await readFile('data-map.yaml', 'utf8')));
    const settings = testSettings({ dataMapPath, databaseUrl: db.url });
    out = [];
    return {
      settings,
      log: new EventLog('silent'),
      out: (text) => void out.push(...text.split('\n')),
      err: () => undefined,
      database: () => Promise.resolve({ dataSource: db.dataSource, settings }),
    };
  }

  it('check says that the map fits', async () => {
    expect(await dataMapCheck({}, await io())).toBe(0);
    expect(out).toEqual(['the data map fits the database']);
  });

  it('check prints each thing that is wrong with what would settle it, and exits 1', async () => {
    const status = await dataMapCheck(
      {},
      await io((map) => map.replace('not-personal: [accounts, bots]', 'not-personal: [accounts]')),
    );
    expect(status).toBe(1);
    expect(out).toEqual([
      'drift  platform.bots: nobody said whether a table bots holds personal data',
      '    bots: under collections (with its ties), retained (with the reason) or not-personal',
    ]);
  });

  it('check does the same for a map that can not be used', async () => {
    expect(await dataMapCheck({}, await io(() => 'version: 1\nstores: { p: { kind: redis } }'))).toBe(1);
    expect(out).toContain('mistake  stores.p.kind: must be of a known kind');
  });

  it('grants prints SQL and nothing else', async () => {
    expect(await grants({ role: 'service', withoutDelete: false }, await io())).toBe(0);
    for (const line of out) expect(line).toMatch(/^(GRANT|ALTER DEFAULT PRIVILEGES) .* TO "service";$/);
    expect(out.some((line) => line.includes('DELETE ON "platform"'))).toBe(true);
    await grants({ role: 'service', withoutDelete: true }, await io());
    expect(out.some((line) => /(DELETE|UPDATE|MAINTAIN).* ON "platform"/.test(line))).toBe(false);
    await expect(grants({ role: 'r', withoutDelete: false }, await io(() => 'x'))).rejects.toThrow(
      'data-map check',
    );
  });
});
