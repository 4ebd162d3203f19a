import { type Scope } from '../../store.js';
import { fits } from '../keys/key-type.js';
import { type Look } from '../keys/looks.js';
import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { column, isNeeded, keyExpressions, keyValue, lookedUp, onlyWhen } from './fragments.js';
import { type Needed } from './pick.js';
import { Parameters, type Statement } from './statement.js';

/** Are there rows that a tie of a collection finds for these looks? */
export interface Question {
  readonly collection: CollectionPlan;
  readonly tie: TiePlan;
  readonly looks: readonly Look[];
  readonly needed: Needed;
}

export interface ProbeHit {
  /** Index of the question. */
  readonly question: number;
  readonly person: string;
  readonly shared: boolean;
}

/** Looks for one row for each look of each question: whose are there? */
export function probeStatement(questions: readonly Question[], scope: Scope): Statement {
  const parameters = new Parameters();
  const texts = questions.map((question, index) => answering(question, index, scope, parameters));
  return { text: texts.join('\nUNION ALL\n'), parameters: parameters.values };
}

function answering(
  { collection, tie, looks, needed }: Question,
  index: number,
  scope: Scope,
  parameters: Parameters,
): string {
  const list = (values: readonly unknown[], type: string): string => parameters.add(values, `${type}[]`);
  const relation = [
    ...tie.columns.map(({ type }, index) =>
      list(
        looks.map(({ values }) => values[index]),
        type,
      ),
    ),
    list(
      looks.map(({ where }) => (typeof where === 'string' ? where : 'named')),
      'text',
    ),
    list(
      looks.map(({ where }) => (typeof where === 'string' ? null : JSON.stringify(where))),
      'jsonb',
    ),
    list(
      looks.map(({ person }) => person),
      'bigint',
    ),
    list(
      looks.map(({ shared }) => shared),
      'boolean',
    ),
  ].join(', ');
  const names = tie.columns.map((_, index) => `k${index}`).join(', ');
  const [first = ''] = keyExpressions('r', tie);
  const conditions = [
    ...keyExpressions('r', tie).map((key, index) => lookedUp(key, keyValue(`k.k${index}`, tie))),
    ...whereItCounts(collection, tie, scope, parameters),
    ...onlyWhen('r', tie, parameters),
  ];
  if (needed !== 'whether needed or not')
    conditions.push(`${needed === 'needed' ? '' : 'NOT '}${isNeeded('r', collection)}`);
  return `(SELECT DISTINCT ${index} AS question, k.person::text AS person, k.shared
FROM unnest(${relation}) AS k (${names}, place, bots, person, shared)
CROSS JOIN LATERAL (
  SELECT FROM ${collection.table} AS r WHERE ${conditions.join(' AND ')} ORDER BY ${first} LIMIT 1
) AS found)`;
}

function whereItCounts(
  { bot, account }: CollectionPlan,
  tie: TiePlan,
  scope: Scope,
  parameters: Parameters,
): readonly string[] {
  const tests: string[] = [];
  if (bot) {
    const id = column('r', bot.name);
    const covered = parameters.add(
      scope.bots.filter((value) => fits(value, bot.type)),
      `${bot.type}[]`,
    );
    const caller = parameters.add(scope.accountId, 'text');
    tests.push(`CASE k.place WHEN 'covered' THEN ${id} = ANY (${covered}) WHEN 'named' THEN k.bots ? ${id}::text
    ELSE NOT EXISTS (SELECT FROM platform.bots AS b WHERE b.id = ${id}::text AND b.account_id <> ${caller}) END`);
  }
  if (account) {
    const own = `${column('r', account.name)} = ${parameters.add(scope.accountId, account.type)}`;
    tests.push(tie.kind === 'userId' ? `coalesce(${own}, true)` : own);
  }
  return tests;
}
