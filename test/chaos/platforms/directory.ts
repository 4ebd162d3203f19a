import { alike, channels, emails, handles, type KeyKind, keyKinds } from './likenesses.js';
import { type Picks } from './picks.js';

/** Everybody and every bot that a generated platform knows. */
export type KeyKindOf = Readonly<Record<'user' | 'bot' | 'handle' | 'staff', KeyKind>>;

export interface Directory {
  readonly account: string;
  readonly otherAccount: string;
  readonly kinds: KeyKindOf;
  readonly bots: readonly Bot[];
  /** A bot that rows still name. */
  readonly goneBot: string;
  readonly users: readonly User[];
  readonly claims: readonly Claim[];
  /** Keys of visitors, whom the directory does not know. */
  readonly unknown: { readonly user: string; readonly email: string; readonly handle: string };
  /** Channel user ids that claims and rows are made of. */
  readonly handles: readonly string[];
}

export interface Bot {
  readonly id: string;
  readonly account: string;
}

export interface User {
  readonly id: string;
  readonly account: string;
  readonly email: string | null;
  readonly enterpriseId: string | null;
}

/** An identity of a user, in one bot or in all of the account's. */
export interface Claim {
  readonly userId: string;
  readonly bot: string | null;
  readonly channelId: string;
  readonly channelUserId: string;
}

/** @param salt makes ids those of another platform of the same database */
export function drawDirectory(picks: Picks, salt: string): Directory {
  const kinds = {
    user: picks.of(keyKinds),
    bot: picks.of(keyKinds),
    handle: picks.of(['text', ...keyKinds] as const),
    staff: picks.of(keyKinds),
  };
  const account = `account ${salt}`;
  const otherAccount = `account  ${salt}`;
  const [foreign = '', goneBot = '', ...ownBots] = alike(kinds.bot, salt);
  const bots = [
    ...ownBots.slice(0, 1 + picks.number(3)).map((id) => ({ id, account })),
    { id: foreign, account: otherAccount },
  ];
  const [unknownUser = '', ...userIds] = rotated(alike(kinds.user, salt), picks);
  const [unknownEmail = '', ...addresses] = rotated(emails, picks);
  const staff = rotated(alike(kinds.staff, salt), picks);
  const users = userIds.slice(0, 2 + picks.number(4)).map((id, index) => {
    const stranger = index > 1 && picks.chance(40);
    // Of another account: its people may have the email and the staff number of ours.
    const like = stranger ? index - 2 : index;
    return {
      id,
      account: stranger ? otherAccount : account,
      email: picks.chance(80) ? (addresses[like] ?? null) : null,
      enterpriseId: picks.chance(70) ? (staff[like] ?? null) : null,
    };
  });
  const [unknownHandle = '', ...known] = [
    ...rotated(alike(kinds.handle, ''), picks).slice(0, 4),
    ...(kinds.handle === 'text' ? handles : []),
  ];
  const own = bots.filter((bot) => bot.account === account);
  const places = [null, null, ...own, ...own, ...bots].map((bot) => bot?.id ?? null);
  const claims = users.flatMap(({ id: userId }) =>
    Array.from({ length: picks.number(4) }, () => ({
      userId,
      bot: picks.of(places),
      channelId: picks.of(channels),
      channelUserId: picks.of(known),
    })),
  );
  if (kinds.handle === 'text' && picks.chance(50))
    claims.push(
      ...lookAlikes.map((pair, index) => ({
        ...pair,
        userId: users[index]?.id ?? '',
        bot: picks.of(places),
      })),
    );
  return {
    account,
    otherAccount,
    kinds,
    bots,
    goneBot,
    users,
    claims,
    unknown: { user: unknownUser, email: unknownEmail, handle: unknownHandle },
    handles: known,
  };
}

/** Two pairs that are one string. */
const lookAlikes = [
  { channelId: 'a', channelUserId: 'b/c' },
  { channelId: 'a/b', channelUserId: 'c' },
];

function rotated<T>(list: readonly T[], picks: Picks): readonly T[] {
  const by = picks.number(list.length);
  return [...list.slice(by), ...list.slice(0, by)];
}
