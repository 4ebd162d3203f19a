import { type DynamicModule, Module, type NestApplicationOptions, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Settings } from '../config/settings.js';
import { ErrorFilter } from './answers/error.filter.js';
import { acceptJsonOnly } from './body/json-body.js';
import { acceptNdjson } from './body/ndjson-body.js';
import { DatabasePatience } from './database-patience.js';
import { addDocsRoutes } from './docs/docs-routes.js';
import { HttpModule } from './http.module.js';
import { addHooks } from './hooks.js';
import { addOpsRoutes } from './ops/ops-routes.js';
import { serverOptions } from './server-options.js';
import { validationPipe } from './validation/validation-pipe.js';

/**
 * The service's HTTP application, not listening yet: `module`'s controllers behind the door, with the error filter, the
 * validation pipe, the API description and (unless `opsPort` is set) health and metrics. `module` or one of its imports must
 * give the data source, the settings and the event log to all modules.
 *
 * Nest and Fastify log nothing: their lines are free text. What is worth a line is an event of ours.
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  settings: Settings,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter(serverOptions(settings));
  const instance = adapter.getInstance();
  // Before the application is created: Nest puts its middleware in front of hooks that come later.
  addHooks(instance, settings.requestTimeoutMs, () => app);
  acceptJsonOnly(instance);
  acceptNdjson(instance, settings.uploadSilenceMs);
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: HttpAppModule, imports: [module, HttpModule] },
    adapter,
    quiet,
  );
  app.useGlobalFilters(app.get(ErrorFilter, { strict: false }));
  app.useGlobalPipes(validationPipe());
  app.useGlobalInterceptors(app.get(DatabasePatience, { strict: false }));
  addDocsRoutes(app);
  if (settings.opsPort === null) addOpsRoutes(instance, app, { metricsForAll: false });
  return app;
}

/** Parsers are ours, and errors at the start are the caller's to tell. */
const quiet: Pick<NestApplicationOptions, 'bodyParser' | 'logger' | 'abortOnError'> = {
  bodyParser: false,
  logger: false,
  abortOnError: false,
};

/** Joins the caller's module with the door's; has nothing of its own. */
@Module({})
class HttpAppModule {}
