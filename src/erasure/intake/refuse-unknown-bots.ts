import { type EntityManager } from 'typeorm';
import { type BotsService } from '../../bots/bots.service.js';
import { type RequestHead } from '../seal/request-seal.js';
import { type EraseHead } from './erase-command.js';
import { unknownBots } from './parse-erase-head.js';

/**
 * Refuses a call that names bots which are not the account's.
 *
 * @param command what was sent, for the places of those bots; `where` is what these begin with
 * @throws ApiError 412
 */
export async function refuseUnknownBots(
  bots: BotsService,
  manager: EntityManager,
  { accountId, botIds }: RequestHead,
  command: Pick<EraseHead, 'allBots' | 'botIds'>,
  where = '',
): Promise<void> {
  if (command.allBots) return;
  const owned = await bots.ownedAmong(manager, accountId, botIds);
  if (owned.size < botIds.length) throw unknownBots(command.botIds, owned, where);
}
