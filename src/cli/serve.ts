import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { defineEvent } from '../common/logging/event.js';
import { type Settings } from '../config/settings.js';
import { type RunningService, startService } from '../main.js';
import { exitStatus, type LastingIo, type NoOptions } from './command.js';

const cutShort = defineEvent('service.stop.cut-short', {});

/**
 * How long a stop may take in all, and what is left of it after draining at least. Only a database that hangs needs so long;
 * what is cut short then is what a crash would cut short: nothing is lost.
 */
const STOP_WITHIN_MS = 7_500;
const AFTER_DRAINING_MS = 2_500;

/**
 * Runs the service until it is told to stop; then finishes what is under way. SIGTERM comes from whoever runs services, with
 * clients that have to learn of it first; Ctrl-C from somebody who waits for the end.
 */
export async function serve(_options: NoOptions, io: LastingIo): Promise<number> {
  const service = await startService(io.settings);
  try {
    io.out(startText(io.settings, service.url));
    if (service.serverLogRemedy.length > 0)
      io.err(`The database server may write people's data into its log. As a superuser, once:
${service.serverLogRemedy.join('\n')}`);
    if (!io.stop.aborted) await once(io.stop, 'abort');
    if (io.stop.reason === 'SIGTERM') await service.drain();
  } finally {
    await stopInTime(service, io);
  }
  return exitStatus.done;
}

async function stopInTime(service: RunningService, { settings, log, stop }: LastingIo): Promise<void> {
  const drained = stop.reason === 'SIGTERM' && service.url !== null ? settings.drainSeconds * 1_000 : 0;
  const within = Math.max(STOP_WITHIN_MS - drained, AFTER_DRAINING_MS);
  const inTime = await Promise.race([service.stop().then(() => true), wait(within, false, { ref: false })]);
  if (!inTime) log.warn(cutShort, {});
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
