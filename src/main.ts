import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { type NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { type Settings } from './config/settings.js';
import { migrate } from './database/migrate.js';
import { openDatabase } from './database/open-database.js';
import { serverLogRemedy } from './database/server-log.js';
import { createHttpApp } from './http/create-http-app.js';
import { createOpsServer } from './http/ops/create-ops-server.js';
import { OpsModule } from './http/ops/ops.module.js';

/** A service that runs in this process. */
export interface RunningService {
  /** Where the API listens; null for a worker. */
  readonly url: string | null;
  /** SQL that keeps people's data out of the database server's log; a superuser has to run it. */
  readonly serverLogRemedy: readonly string[];
  /** Finishes what is under way, then leaves the database. */
  stop(): Promise<void>;
}

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
    return { url: null, serverLogRemedy: await remedyFor(worker) };
  }
  const api = await createHttpApp(module, settings);
  opened.push(() => api.close());
  await listenForOperators(api, settings, opened);
  await api.listen(settings.port, settings.host);
  return { url: await api.getUrl(), serverLogRemedy: await remedyFor(api) };
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
  await server.listen({ port: settings.opsPort, host: settings.host });
  // Tells how it goes until the rest has ended.
  opened.splice(-1, 0, () => server.close());
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
