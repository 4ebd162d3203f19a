import { once } from 'node:events';
import { resolve } from 'node:path';
import { type Settings } from '../config/settings.js';
import { startService } from '../main.js';
import { exitStatus, type LastingIo, type NoOptions } from './command.js';

/** Runs the service until it is told to stop; then finishes what is under way. */
export async function serve(_options: NoOptions, io: LastingIo): Promise<number> {
  const service = await startService(io.settings);
  try {
    io.out(startText(io.settings, service.url));
    if (service.serverLogRemedy.length > 0)
      io.err(`The database server may write people's data into its log. As a superuser, once:
${service.serverLogRemedy.join('\n')}`);
    if (!io.stop.aborted) await once(io.stop, 'abort');
  } finally {
    await service.stop();
  }
  return exitStatus.done;
}

/** Where it is and what to do next. The commands can be run as they stand, in another terminal of the same directory. */
function startText(settings: Settings, url: string | null): string {
  const database =
    settings.databaseUrl === null
      ? `embedded PostgreSQL in ${resolve(settings.dataDir)}`
      : 'PostgreSQL of DATABASE_URL';
  if (url === null) return `Expunge works as ${settings.role} (${database})`;
  const directory = settings.dataDir === '.expunge' ? '' : `EXPUNGE_DATA_DIR='${resolve(settings.dataDir)}' `;
  const command = `${settings.databaseUrl === null ? directory : ''}npx --no expunge`;
  return `Expunge listens on ${url} (${database})

The API's description   ${url}/docs   (OpenAPI: ${url}/openapi.json)
Make a client app       ${command} app create --account ACCOUNT_ID --name "my console" --scope "Bot Analytics:Delete Users Data"
Make a token of it      ${command} token --client-id CLIENT_ID
Stop                    Ctrl-C`;
}
