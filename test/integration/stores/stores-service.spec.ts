import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { EventLog } from '../../../src/common/logging/event-log.js';
import { dataSourceOptions } from '../../../src/database/data-source-options.js';
import { DataMapError } from '../../../src/stores/data-map/problems.js';
import { openStores } from '../../../src/stores/open-stores.js';
import { type StoresService } from '../../../src/stores/stores.service.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';

describe('the stores of a data map', () => {
  let db: TestDatabase;
  let directory: string;
  let lines: string[] = [];

  beforeAll(async () => {
    db = await testDatabase();
    directory = await mkdtemp(join(tmpdir(), 'data-map-'));
  });

  afterAll(async () => {
    await db.drop();
    await rm(directory, { recursive: true });
  });

  async function open(text: string, dataSource = db.dataSource): Promise<StoresService> {
    const dataMapPath = join(directory, 'data-map.yaml');
    await writeFile(dataMapPath, text);
    lines = [];
    const log = new EventLog('info', { write: (line: string) => void lines.push(line) });
    return openStores(testSettings({ dataMapPath }), dataSource, log);
  }

  const sample = (): Promise<string> => readFile('data-map.yaml', 'utf8');

  it('fit, until the platform drifts, and fit again', async () => {
    const stores = await open(await sample());
    expect([stores.state, stores.findings]).toEqual(['unchecked', []]);
    await stores.refresh();
    expect([stores.state, stores.findings]).toEqual(['fits', []]);
    await db.run('CREATE TABLE platform.letters (id bigint PRIMARY KEY, to_whom text)');
    await db.run('ALTER TABLE platform.analytics_events ADD referrer text');
    await stores.refresh();
    expect(stores.state).toBe('drift');
    expect(stores.findings.map(({ collection }) => collection)).toEqual([
      'platform.letters',
      'platform.analytics_events',
    ]);
    await db.run('DROP TABLE platform.letters');
    await db.run('ALTER TABLE platform.analytics_events DROP referrer');
    await stores.refresh();
    expect([stores.state, stores.findings]).toEqual(['fits', []]);
    expect(lines.map((line) => (JSON.parse(line) as { state?: string }).state ?? 'finding')).toEqual([
      'fits',
      'drift',
      'finding',
      'finding',
      'fits',
    ]);
  });

  it('tell a mistake, and remember what was found while the database is away', async () => {
    const stores = await open(
      (await sample()).replace('ties: [{ identity: identity }]', 'ties: [{ identity: who }]'),
    );
    const findings = await stores.refresh();
    expect(findings.map(({ kind, problem }) => `${kind}: ${problem}`)).toEqual([
      'mistake: there is no column who',
    ]);
    expect(stores.state).toBe('mistake');

    const gone = new DataSource(
      await dataSourceOptions(
        { databaseUrl: 'postgres://nobody@127.0.0.1:1/none', databasePoolSize: 1 },
        'test',
      ),
    );
    const away = await open(await sample(), gone);
    await expect(away.refresh()).rejects.toMatchObject({ connectionLost: true });
    expect(away.state).toBe('unchecked');
  });

  it('without a map that can be read are a mistake, and never no stores at all', async () => {
    const stores = await open('version: 2');
    expect((await stores.refresh()).map(({ collection }) => collection)).toEqual(['version', 'stores']);
    expect(stores.state).toBe('mistake');
    expect(() => stores.all).toThrow(DataMapError);
    expect(() => stores.dataMapHash).toThrow(DataMapError);
    expect(() => stores.notCovered({ allBots: true })).toThrow(DataMapError);
  });

  it('know the map by what it says, not by how it is written', async () => {
    const text = await sample();
    const hash = (await open(text)).dataMapHash;
    expect(
      (await open(`# a comment\n${text.replace('[accounts, bots]', '[ accounts,  bots ]')}`)).dataMapHash,
    ).toBe(hash);
    expect(
      (await open(text.replace('user_id: null, channel_id: null, tags: {}', 'user_id: null, tags: {}')))
        .dataMapHash,
    ).not.toBe(hash);
  });

  it('say what a request leaves, with the reasons, and tell nothing about rows', async () => {
    const stores = await open(await sample());
    const left = (allBots: boolean): readonly string[] =>
      stores.notCovered({ allBots }).map(({ collection }) => collection);
    const retained = ['platform.data_table_rows', 'platform.account_members', 'platform.bot_members'];
    expect(left(true)).toEqual([
      ...retained,
      'platform.messages',
      'platform.debug_logs',
      'platform.analytics_events',
    ]);
    expect(left(false)).toEqual([...retained, 'platform.users']);
    expect(stores.notCovered({ allBots: true })[0]?.reason).toBe(
      'written by bots into tables of their own, tied to no person',
    );
  });
});
