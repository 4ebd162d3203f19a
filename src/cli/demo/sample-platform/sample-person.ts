import { type SampleAccount } from './sample-world.js';

/** How a channel knows someone. `botId` null: for all bots of the account. */
export interface SampleIdentity {
  readonly channelId: string;
  readonly channelUserId: string;
  readonly botId: string | null;
}

export interface SampleRole {
  readonly of: 'account' | 'bot';
  readonly role: 'owner' | 'member' | 'co-developer';
  /** The account or the bot. */
  readonly id: string;
}

/** Someone who uses bots of the sample platform. */
export interface SamplePerson {
  /** 0 to the number of people - 1. */
  readonly index: number;
  readonly account: SampleAccount;
  /** null: an anonymous visitor, who is in no directory. */
  readonly userId: string | null;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly enterpriseId: string | null;
  readonly identities: readonly [SampleIdentity, ...SampleIdentity[]];
  readonly roles: readonly SampleRole[];
  readonly slot: Slot;
}

/**
 * What is special about someone, by their place in each block of fifty:
 * - `visitor`: anonymous;
 * - `original`, `twin`: one human in both accounts, under the same email, enterprise id and Telegram number;
 * - `page-scoped`: the same Facebook number is one person in one bot and another in another bot;
 * - `family`: two users share a telephone number in every bot;
 * - `squatted`, `squatter`: the second chose the first one's email as the name under which a web page knows them.
 */
export type Slot =
  'ordinary' | 'visitor' | 'original' | 'twin' | 'page-scoped' | 'family' | 'squatted' | 'squatter';

/** The first people of the platform are its staff. */
export const staffCount = 20;

export const blockSize = 50;

const slots: Readonly<Record<number, Slot>> = {
  20: 'original',
  23: 'visitor',
  29: 'twin',
  31: 'page-scoped',
  32: 'page-scoped',
  33: 'visitor',
  41: 'family',
  42: 'family',
  43: 'visitor',
  44: 'squatted',
  45: 'squatter',
  48: 'visitor',
};

/** A twin stands nine behind the original: the last digit of an index decides on the account. */
export const twinDistance = 9;

export function slotOf(index: number): Slot {
  return index < staffCount ? 'ordinary' : (slots[index % blockSize] ?? 'ordinary');
}

/** Seven of ten people belong to the main account. */
export function inMainAccount(index: number): boolean {
  return index % 10 < 7;
}
