import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { ConfigModule } from '../../../src/common/config.module.js';
import { EventLog } from '../../../src/common/logging/event-log.js';
import { DatabaseConnector } from '../../../src/database/database-connector.js';
import { DatabaseFault } from '../../../src/database/database-fault.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import { sql } from '../../../src/database/sql.js';
import { type TestDatabase, testDatabase } from '../../support/postgres.js';
import { testSettings } from '../../support/settings.js';
import { urlOf } from '../../support/templates.js';

@Module({})
class TestModule {}

let database: TestDatabase;
let app: INestApplicationContext | null = null;
let events: { event: string; sqlState?: string }[];
let told: () => void;

beforeEach(async () => {
  database = await testDatabase({ platform: false });
  events = [];
  told = () => undefined;
});

afterEach(async () => {
  await app?.close();
  app = null;
  await database.drop();
});

async function start(databaseUrl: string): Promise<DataSource> {
  const settings = testSettings({ databaseUrl, databasePoolSize: 2 });
  const log = new EventLog('info', {
    write: (line) => {
      events.push(JSON.parse(line) as { event: string });
      told();
    },
  });
  app = await NestFactory.createApplicationContext(
    { module: TestModule, imports: [ConfigModule.with(settings, log), DatabaseModule] },
    { logger: false },
  );
  return app.get(DataSource);
}

const has = (event: string): Promise<void> =>
  new Promise((resolve) => {
    told = () => {
      if (events.some((line) => line.event === event)) resolve();
    };
    told();
  });

test('a database that answers is connected when the modules come up', async () => {
  const dataSource = await start(database.url);
  expect(dataSource.isInitialized).toBe(true);
  expect(events.map(({ event }) => event)).toEqual(['database.connected']);
  expect(await sql(dataSource.manager, 'SELECT current_setting($1) AS name', ['application_name'])).toEqual([
    { name: 'expunge all' },
  ]);
});

test('one that is not there yet stops nobody: statements fail as transient until it is there', async () => {
  const later = 'later_' + new URL(database.url).pathname.slice(1);
  const dataSource = await start(urlOf(database.url, later));
  expect(dataSource.isInitialized).toBe(false);
  const failure: unknown = await sql(dataSource.manager, 'SELECT 1').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DatabaseFault);
  expect(failure).toMatchObject({ transient: true });
  expect(events).toEqual([expect.objectContaining({ event: 'database.unreachable', sqlState: '3D000' })]);
  await database.run(`CREATE DATABASE ${later}`);
  await app?.get(DatabaseConnector).settled;
  expect(await sql(dataSource.manager, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(events.map(({ event }) => event)).toEqual(['database.unreachable', 'database.connected']);
  await app?.close();
  app = null;
  await database.run(`DROP DATABASE ${later}`);
});

test('connections that break while nobody uses them are replaced, and the process lives on', async () => {
  const dataSource = await start(database.url);
  await sql(dataSource.manager, 'SELECT 1');
  await database.run(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'expunge all' AND datname = current_database()`,
  );
  await has('database.idle-connection-lost');
  expect(await sql(dataSource.manager, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a process that stops before its database ever came ends at once', async () => {
  const dataSource = await start(urlOf(database.url, 'never_there'));
  await app?.close();
  app = null;
  expect(dataSource.isInitialized).toBe(false);
});
