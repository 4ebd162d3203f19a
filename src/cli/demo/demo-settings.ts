import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadSettings } from '../../config/load-settings.js';
import { type Settings, settingsOf } from '../../config/settings.js';

/**
 * The settings as they come but for the pace, whatever the environment of the demo says: it must not reach a database that is
 * somebody's.
 */
export function demoSettings(databaseUrl: string): Settings {
  return settingsOf(loadSettings({}).settings, {
    databaseUrl,
    masterKey: randomBytes(32),
    port: 0,
    dataMapPath: fileURLToPath(new URL('../../../data-map.yaml', import.meta.url)),
    logLevel: 'error',
    // Nobody chats on the sample platform whom erasing could be in the way of.
    pace: 'full',
  });
}
