import { generatedMasterKey } from '../config/generated-master-key.js';
import { type Settings, settingsOf } from '../config/settings.js';
import { EmbeddedPostgres } from './embedded/embedded-postgres.js';

export interface OpenDatabase {
  /** The same settings with `databaseUrl` and `masterKey` filled in. */
  readonly settings: Settings;
  readonly url: string;
  /** Leaves the embedded database, which stops when nobody uses it; nothing to do for another one. */
  readonly close: () => Promise<void>;
}

/**
 * Finds the database that the settings mean: DATABASE_URL, else the embedded one of the data directory, joined or started.
 *
 * @param options.hold this process serves: on the embedded database only one may
 * @throws EmbeddedPostgresError, ConfigurationError
 */
export async function openDatabase(
  settings: Settings,
  options: { readonly hold?: boolean } = {},
): Promise<OpenDatabase> {
  const url = settings.databaseUrl;
  if (url !== null) return { settings, url, close: () => Promise.resolve() };
  const postgres = await EmbeddedPostgres.startOrJoin(settings.dataDir, options);
  try {
    const masterKey = settings.masterKey ?? (await generatedMasterKey(settings.dataDir));
    return {
      settings: settingsOf(settings, { databaseUrl: postgres.url, masterKey }),
      url: postgres.url,
      close: () => postgres.stop(),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
