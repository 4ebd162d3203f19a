import { AppModule } from '../app.module.js';
import { settingsOf } from '../config/settings.js';
import { describeApi } from '../http/docs/describe-api.js';
import { printOpenApiDocument } from '../http/docs/openapi-document.js';
import { type CommandIo, exitStatus, type NoOptions } from './command.js';

/** Prints the description of the API. Nothing is started and no database is asked. */
export async function openapi(_options: NoOptions, io: CommandIo): Promise<number> {
  io.out(
    printOpenApiDocument(await describeApi(AppModule.forRole(settingsOf(io.settings, { role: 'api' })))),
  );
  return exitStatus.done;
}
