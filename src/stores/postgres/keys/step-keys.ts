import { type IdentityKey, type PersonKeys, type Scope } from '../../store.js';
import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { fits } from './key-type.js';

/**
 * How far a tie reaches: `bots`: rows of the covered bots. `account`: rows of any bot that is not another account's, of no
 * bot and of bots that are gone; only what is unique by itself (a user id of the directory, under all-bots) or lies in a
 * collection without bots.
 */
export type Reach = 'account' | 'bots';

/** Values by which a row is someone's, in the order of the tie's columns. */
export interface KeyRow {
  readonly person: string;
  readonly values: readonly string[];
  /** The one bot for which it counts; null: all that the reach covers. */
  readonly bot: string | null;
}

/** What one erasing step looks for. */
export interface StepKeys {
  readonly reach: Reach;
  /** In the type of the bot column; empty for collections without bots. */
  readonly bots: readonly string[];
  readonly rows: readonly KeyRow[];
  /** Their distinct values, in the order in which they are walked. */
  readonly walk: readonly (readonly string[])[];
  /** Values that tie no row of this bot to anyone, although `rows` names them. */
  readonly except: readonly KeyRow[];
}

/** The keys that a tie can use within a reach; null when there are none, so that no statement is needed. */
export function stepKeys(
  collection: CollectionPlan,
  tie: TiePlan,
  reach: Reach,
  persons: readonly PersonKeys[],
  scope: Scope,
): StepKeys | null {
  if (collection.allBotsOnly && !scope.allBots) return null;
  const { bot, account } = collection;
  if (account && !fits(scope.accountId, account.type)) return null;
  const bots = bot && reach === 'bots' ? scope.bots.filter((id) => fits(id, bot.type)) : [];
  if (reach === 'bots' && bots.length === 0) return null;

  const rows: KeyRow[] = [];
  const except: KeyRow[] = [];
  for (const keys of persons) {
    if (reachOf(collection, tie, keys, scope) !== reach) continue;
    if (tie.kind !== 'identity' && tie.kind !== 'pair') {
      const value = keys[tie.kind];
      if (value !== null && !isLost(tie.kind, keys))
        rows.push({ person: keys.person, values: [value], bot: null });
      continue;
    }
    for (const identity of keys.identities) {
      const values = identityValues(tie, identity);
      const shared = sharedBots(tie, identity);
      const row = { person: keys.person, values };
      // Without a bot column a row can't tell whether the identity counts for it: only one that counts everywhere does.
      if (!bot) {
        if (identity.bots === null && shared.length === 0) rows.push({ ...row, bot: null });
        continue;
      }
      const counts = identity.bots?.filter((id) => bots.includes(id) && !shared.includes(id)) ?? [null];
      rows.push(...counts.map((id) => ({ ...row, bot: id })));
      except.push(...shared.filter((id) => fits(id, bot.type)).map((id) => ({ ...row, bot: id })));
    }
  }
  const fitting = rows.filter(({ values }) => values.every((value, index) => fitsColumn(tie, index, value)));
  const excluded = except.filter(({ values }) =>
    values.every((value, index) => fitsColumn(tie, index, value)),
  );
  if (fitting.length === 0) return null;
  return { reach, bots, rows: distinct(fitting), walk: walkOf(fitting), except: distinct(excluded) };
}

/** Which reach a person has through a tie; null: none. */
function reachOf(collection: CollectionPlan, tie: TiePlan, keys: PersonKeys, scope: Scope): Reach | null {
  if (!collection.bot) return keys.inDirectory ? 'account' : null;
  return scope.allBots && keys.inDirectory && tie.kind === 'userId' ? 'account' : 'bots';
}

/** Whether somebody else holds this key of theirs by now. */
export function isLost(kind: TiePlan['kind'], { lost }: PersonKeys): boolean {
  return (lost as readonly string[]).includes(kind);
}

export function identityValues(tie: TiePlan, identity: IdentityKey): readonly string[] {
  const { channelId, channelUserId } = identity;
  return tie.kind === 'identity' ? [`${channelId}/${channelUserId}`] : [channelUserId, channelId];
}

/** Bots for which the identity, as this tie compares it, is someone else's too. */
export function sharedBots(tie: TiePlan, identity: IdentityKey): readonly string[] {
  return tie.kind === 'identity'
    ? [...new Set([...identity.sharedBots, ...identity.joinedSharedBots])]
    : identity.sharedBots;
}

function fitsColumn(tie: TiePlan, index: number, value: string): boolean {
  const type = tie.columns[index]?.type;
  return type !== undefined && fits(value, type);
}

function distinct(rows: readonly KeyRow[]): readonly KeyRow[] {
  return [...new Map(rows.map((row) => [JSON.stringify([row.values, row.bot]), row])).values()];
}

function walkOf(rows: readonly KeyRow[]): readonly (readonly string[])[] {
  const values = new Map(rows.map((row) => [JSON.stringify(row.values), row.values]));
  return [...values.values()].toSorted(compareKeys);
}

/** The order in which keys are walked: the same in every process. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? '';
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}
