import { AppSecrets } from '../auth/app-secrets.js';
import { ClientAppLookup } from '../auth/client-app-lookup.service.js';
import { ClientAppRefused } from '../auth/client-app-refused.js';
import { ClientAppsService } from '../auth/client-apps.service.js';
import { TokenIssuer } from '../auth/token-issuer.service.js';
import { Clock } from '../common/clock.js';
import { KeyRing } from '../common/keys/key-ring.js';
import { AccountsService } from '../users/accounts.service.js';
import { CommandFailure, type CommandIo } from './command.js';

export interface AuthServices {
  readonly apps: ClientAppsService;
  readonly issuer: TokenIssuer;
}

/**
 * What commands need of auth/, without starting the application. A refusal becomes the command's one sentence.
 *
 * @throws MasterKeyError before anything is written under a master key that does not fit
 */
export async function withAuthServices<T>(
  io: Pick<CommandIo, 'database' | 'log'>,
  use: (services: AuthServices) => Promise<T>,
): Promise<T> {
  const { dataSource, settings } = await io.database();
  const keyRing = new KeyRing(dataSource, settings);
  await keyRing.open();
  const secrets = new AppSecrets(keyRing);
  const clock = new Clock();
  const apps = new ClientAppsService(dataSource, new AccountsService(), secrets, clock);
  const issuer = new TokenIssuer(new ClientAppLookup(dataSource, secrets, clock, io.log), clock);
  try {
    return await use({ apps, issuer });
  } catch (error) {
    throw error instanceof ClientAppRefused ? new CommandFailure(error.message) : error;
  }
}
