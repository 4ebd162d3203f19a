import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { type NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { providersOf } from './common/providers-of.js';
import { StopListener } from './common/stop-listener.js';
import { type Settings } from './config/settings.js';
import { migrate } from './database/migrate.js';
import { openDatabase } from './database/open-database.js';
import { serverLogRemedy } from './database/server-log.js';
import { createHttpApp } from './http/create-http-app.js';
import { Draining } from './http/draining.js';
import { createOpsServer } from './http/ops/create-ops-server.js';
import { OpsModule } from './http/ops/ops.module.js';

/** A service that runs in this process. */
export interface RunningService {
  /** Where the API listens; null for a worker. */
  readonly url: string | null;
  /** SQL that keeps people's data out of the database server's log; a superuser has to run it. */
  readonly serverLogRemedy: readonly string[];
  /**
   * The process is to stop: from now on it is not ready and its worker takes nothing new; the API goes on answering for
   * `drainSeconds`, and closes each connection with its answer.
   */
  drain(): Promise<void>;
  /** Finishes what is under way, then leaves the queue and the database. Clients that hang are cut off. */
  stop(): Promise<void>;
}

const OPERATORS_PATIENCE_MS = 1_000;

type Closing = () => Promise<unknown>;

/**
 * Starts the role that the settings ask for. The embedded database, where it is used, is held by this process and migrated;
 * any other one is not: the port opens whether it answers or not.
 *
 * @throws EmbeddedPostgresError, ConfigurationError, DatabaseFault (embedded database only), and what the modules refuse
 */
export async function startService(settings: Settings): Promise<RunningService> {
  const database = await openDatabase(settings, { hold: true });
  const opened: Closing[] = [() => database.close()];
  const stop = async (): Promise<void> => {
    // What was opened last is closed first, and all of it, whatever fails.
    const close = opened.pop();
    if (close === undefined) return;
    await close().finally(stop);
  };
  try {
    if (settings.databaseUrl === null)
      await migrate(
        { databaseUrl: database.url, databasePoolSize: settings.databasePoolSize },
        { samplePlatform: true },
      );
    return { ...(await startRole(database.settings, opened)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRole(settings: Settings, opened: Closing[]): Promise<Omit<RunningService, 'stop'>> {
  const module = AppModule.forRole(settings);
  if (settings.role === 'worker') {
    const worker = await NestFactory.createApplicationContext(WorkerModule.around(module), quiet);
    opened.push(() => worker.close());
    await listenForOperators(worker, settings, opened);
    const drain = (): Promise<void> => {
      tellOfStop(worker);
      return Promise.resolve();
    };
    return { url: null, serverLogRemedy: await remedyFor(worker), drain };
  }
  const api = await createHttpApp(module, settings);
  const draining = new Draining(api.getHttpServer(), settings.drainSeconds * 1_000);
  opened.push(() => draining.close(() => api.close()));
  await listenForOperators(api, settings, opened);
  await api.listen(settings.port, settings.host);
  const drain = async (): Promise<void> => {
    tellOfStop(api);
    await draining.wait();
  };
  return { url: await api.getUrl(), serverLogRemedy: await remedyFor(api), drain };
}

function tellOfStop(context: INestApplicationContext): void {
  for (const listener of providersOf(context.get(ModulesContainer), StopListener)) listener.onStop();
}

/** A database that does not answer yet is warned of in the log alone, once it does. */
async function remedyFor(context: INestApplicationContext): Promise<readonly string[]> {
  return serverLogRemedy(context.get(DataSource, { strict: false })).catch(() => []);
}

async function listenForOperators(
  context: INestApplicationContext,
  settings: Settings,
  opened: Closing[],
): Promise<void> {
  if (settings.opsPort === null) return;
  const server = createOpsServer(context, settings);
  const draining = new Draining(server.server, OPERATORS_PATIENCE_MS);
  await server.listen({ port: settings.opsPort, host: settings.host });
  // Tells how it goes until the rest has ended.
  opened.splice(-1, 0, () => draining.close(() => server.close()));
}

/** Nest's lines are free text; errors at the start are the caller's to tell. */
const quiet: Pick<NestApplicationContextOptions, 'logger' | 'abortOnError'> = {
  logger: false,
  abortOnError: false,
};

/** Joins the worker's modules with those that watch it; has nothing of its own. */
@Module({})
class WorkerModule {
  static around(module: DynamicModule): DynamicModule {
    return { module: WorkerModule, imports: [module, OpsModule] };
  }
}
