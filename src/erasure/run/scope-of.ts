import { type EntityManager } from 'typeorm';
import { type BotsService } from '../../bots/bots.service.js';
import { type Scope } from '../../stores/store.js';
import { type RequestHead } from '../seal/request-seal.js';

/** The scope of one request. */
export interface RequestScope extends Scope {
  readonly requestId: string;
}

/** What a request covers now: bots made since it was accepted are covered by an all-bots request too. */
export async function scopeOf(
  manager: EntityManager,
  bots: BotsService,
  head: RequestHead,
): Promise<RequestScope> {
  const { accountId, allBots, id: requestId } = head;
  return {
    requestId,
    accountId,
    allBots,
    bots: allBots
      ? await bots.ofAccount(manager, accountId)
      : await bots.notTakenFrom(manager, accountId, head.botIds),
  };
}
