import { type Scope } from '../../store.js';
import { type KeyRow, type StepKeys } from '../keys/step-keys.js';
import { type CollectionPlan, type TiePlan } from '../plan/collection-plan.js';
import { column, keyExpressions, keyValue } from './fragments.js';
import { type Parameters } from './statement.js';

/**
 * Which rows of a collection a step may erase, said once and written twice into its statement: where rows are picked and
 * on the outermost level of what erases them.
 */
export class Belonging {
  /** The parameters: of an identity a relation, else a list of values. */
  private readonly keys: string;
  private readonly except: string;
  private readonly bots: string | null;
  private readonly account: string | null;
  private readonly conditions: readonly { readonly column: string; readonly value: string | null }[];

  constructor(
    private readonly collection: CollectionPlan,
    private readonly tie: TiePlan,
    step: StepKeys,
    scope: Scope,
    parameters: Parameters,
  ) {
    this.keys = this.isIdentity ? this.relation(step.rows, parameters) : this.values(step.rows, parameters);
    this.except = step.except.length === 0 ? '' : this.relation(step.except, parameters);
    this.bots =
      collection.bot && step.reach === 'bots' ? parameters.add(step.bots, `${collection.bot.type}[]`) : null;
    const asksForAccount = collection.account !== null || (collection.bot !== null && this.bots === null);
    this.account = asksForAccount
      ? parameters.add(scope.accountId, collection.account?.type ?? 'text')
      : null;
    this.conditions = tie.onlyWhen.map((condition) => ({
      column: condition.column.name,
      value:
        condition.value === null ? null : parameters.add(String(condition.value), condition.column.baseType),
    }));
  }

  /** The whole predicate of person, bot or account, and `onlyWhen`. */
  of(alias: string): string {
    return [
      this.isIdentity ? this.exactIdentity(alias) : this.carriesKey(alias),
      ...this.place(alias),
      ...this.conditions.map(({ column: name, value }) =>
        value === null ? `${column(alias, name)} IS NULL` : `${column(alias, name)} = ${value}`,
      ),
    ].join(' AND ');
  }

  private get isIdentity(): boolean {
    return this.tie.kind === 'identity' || this.tie.kind === 'pair';
  }

  /**
   * IS TRUE keeps the sub-select what it is, hashed once a statement; as a join it would let the planner read the whole
   * table, and asked of a list, a plan that is kept would look through all of the list for each row.
   */
  private carriesKey(alias: string): string {
    const [key = ''] = keyExpressions(alias, this.tie);
    return `(${key} IN (SELECT ${keyValue('k', this.tie)} FROM unnest(${this.keys}) AS k)) IS TRUE`;
  }

  /** An identity counts as a whole, and for its bots only. */
  private exactIdentity(alias: string): string {
    const names = this.tie.columns.map((_, index) => `k.k${index}`).join(', ');
    const pair = keyExpressions(alias, this.tie).join(', ');
    const everywhere = `((${pair}) IN (SELECT ${names} FROM ${this.keys} WHERE k.bot IS NULL)) IS TRUE`;
    if (!this.collection.bot || this.bots === null) return everywhere;
    const triple = `(${pair}, ${column(alias, this.collection.bot.name)})`;
    const notShared =
      this.except === ''
        ? ''
        : ` AND (${triple} IN (SELECT ${names}, k.bot FROM ${this.except})) IS NOT TRUE`;
    const inOneBot = `(${triple} IN (SELECT ${names}, k.bot FROM ${this.keys} WHERE k.bot IS NOT NULL)) IS TRUE`;
    return `(${everywhere}${notShared} OR ${inOneBot})`;
  }

  private place(alias: string): readonly string[] {
    const { bot, account } = this.collection;
    const tests: string[] = [];
    if (bot && this.bots !== null)
      tests.push(`(${column(alias, bot.name)} IN (SELECT unnest(${this.bots}))) IS TRUE`);
    else if (bot && this.account !== null) tests.push(notAnothers(column(alias, bot.name), this.account));
    if (account && this.account !== null) {
      const own = `${column(alias, account.name)} = ${this.account}`;
      tests.push(this.tie.kind === 'userId' ? `(${own} OR ${column(alias, account.name)} IS NULL)` : own);
    }
    return tests;
  }

  /** Of the rows, not of what is walked: whatever is walked, nobody else's rows belong. */
  private values(rows: readonly KeyRow[], parameters: Parameters): string {
    const values = rows.map((row) => row.values[0]);
    return parameters.add(values, `${this.tie.columns[0]?.type ?? 'text'}[]`);
  }

  private relation(rows: readonly KeyRow[], parameters: Parameters): string {
    const columns = this.tie.columns.map((key, index) =>
      parameters.add(
        rows.map((row) => row.values[index]),
        `${key.type}[]`,
      ),
    );
    const bots = parameters.add(
      rows.map((row) => row.bot),
      `${this.collection.bot?.type ?? 'text'}[]`,
    );
    const names = this.tie.columns.map((_, index) => `k${index}`).join(', ');
    return `unnest(${[...columns, bots].join(', ')}) AS k (${names}, bot)`;
  }
}

/**
 * A bot of the account: one look into a set that is made once a statement. A bot that is gone or null is nobody else's;
 * user ids are unique by themselves.
 */
function notAnothers(bot: string, account: string): string {
  const own = `(${bot}::text IN (SELECT b.id FROM platform.bots AS b WHERE b.account_id = ${account}::text)) IS TRUE`;
  const owner = `(SELECT b.account_id FROM platform.bots AS b WHERE b.id = ${bot}::text)`;
  return `(${own} OR coalesce(${owner}, ${account}::text) = ${account}::text)`;
}
