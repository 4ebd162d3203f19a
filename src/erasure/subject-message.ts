import { type MatchKind } from '../users/user-reference.js';
import { type SubjectReason } from './erasure-status.js';

const sentences: Readonly<Record<Exclude<SubjectReason, 'MATCHES_SEVERAL_USERS'>, string>> = {
  ACCOUNT_OWNER:
    'Owns this account and is not erased. Make someone else the owner, remove them from the account, and send the call again.',
  ACCOUNT_MEMBER:
    'Is a member of this account and is not erased. Remove them from the account and send the call again.',
  BOT_OWNER:
    'Owns a bot of this account and is not erased. Make someone else the owner of the bot and send the call again.',
  BOT_CO_DEVELOPER:
    'Is a co-developer of a bot of this account and is not erased. Remove them from the bot and send the call again.',
  PLATFORM_ROLE:
    'Holds a role on the platform outside this account and is not erased. Once they have given it up, send the call again.',
  TOO_MANY_READINGS:
    'Is no user of this account as it stands, and has so many slashes that it could be very many channel identities, so nothing was looked for and nobody was erased. Send {"channelId", "channelUserId"} or {"userId"} to say who is meant.',
  SHARED_IDENTITY:
    'A channel identity of this person also belongs to someone else, so the rows that carry only that identity were left. Once the directory says whose it is, send the call again.',
  SHARED_WITH_OTHERS:
    'Rows of this person are still needed by rows that are not theirs, and the data map does not say how to overwrite them. Add `whenShared` to the collection and send the call again.',
  NOT_IN_DIRECTORY: 'Is in no directory; what the entry names was found by its value and erased.',
  STORE_UNREACHABLE: 'A store did not answer in time, again and again. Send the call again once it does.',
  STORE_REFUSED:
    'A store refused to erase or to show rows of this person. An operator has to look at it; then send the call again.',
  DATA_REMAINS:
    'New rows of this person kept appearing, or rows would not go. Find out what writes them and send the call again.',
  INTEGRITY:
    'What is stored is not what was accepted, so nothing was erased for it. Send the call again and have the database looked at.',
  DATA_MAP_DRIFT:
    'Waits: the platform has tables or columns that the data map does not know. It goes on once an operator has added them.',
};

const kindNames: Readonly<Record<MatchKind, string>> = {
  userId: 'as a user id',
  email: 'as an email address',
  enterpriseId: 'as an enterprise id',
  channelUserId: 'as a channel user id',
  identity: 'as a channel identity',
};

const settling: Readonly<Record<MatchKind, string>> = {
  userId: '{"userId"}',
  email: '{"email"}',
  enterpriseId: '{"enterpriseId"}',
  channelUserId: '{"channelId", "channelUserId"} (or, where people share it, {"userId"})',
  identity: '{"userId"}',
};

/** The sentence for an entry that nobody and nothing fits: there is no reason to tell, only where was looked. */
export const notFoundMessage =
  'Fits no user of this account and no row in the bots that the call covers. Check how it is written; a typed form is matched in one way only.';

/** The sentence for an entry that was cancelled: whoever did that needs no reason. */
export const cancelledMessage =
  'Was cancelled before anything of it was erased. Send the call again if it is to be erased after all.';

/**
 * A sentence for people that says why an entry stands as it does and what would change it. Never names anyone.
 * @param kinds the ways in which an ambiguous entry fits
 */
export function messageFor(reason: SubjectReason, kinds: readonly MatchKind[] = []): string {
  if (reason !== 'MATCHES_SEVERAL_USERS') return sentences[reason];
  const forms = [...new Set(kinds.map((kind) => settling[kind]))];
  return `Fits more than one user (${kinds.map((kind) => kindNames[kind]).join(', ')}), so nobody was erased. Send ${forms.join(' or ')} to say who is meant.`;
}
