import { assertNever } from '../../../common/assert-never.js';
import { quoteName } from '../../../database/sql.js';
import { type CollectionPlan, type OverwritePlan } from '../plan/collection-plan.js';
import { column, primaryKey, quoteText } from './fragments.js';
import { type Parameters } from './statement.js';

/** How each column of an overwrite is written, and what the probe expects to read there. */
export class OverwriteValues {
  private readonly values: readonly { readonly plan: OverwritePlan; readonly parameter: string }[];

  /** @param secret makes `random` values that nobody can compute again; used for one statement and forgotten */
  constructor(
    private readonly collection: CollectionPlan,
    plans: readonly OverwritePlan[],
    secret: string,
    parameters: Parameters,
  ) {
    const secretParameter = plans.some(({ to }) => to.is === 'random') ? parameters.add(secret, 'text') : '';
    this.values = plans.map((plan) => {
      if (plan.to.is === 'random') return { plan, parameter: secretParameter };
      if (plan.to.is !== 'literal') return { plan, parameter: '' };
      return { plan, parameter: parameters.add(literalText(plan), 'text') };
    });
  }

  /** `"user_id" = NULL, …` */
  assignments(alias: string): string {
    return this.values
      .map(({ plan, parameter }) => `${quoteName(plan.column.name)} = ${this.value(alias, plan, parameter)}`)
      .join(', ');
  }

  /** A jsonb of column → text, as it must read back. Types with modifiers round what they are given: so do we. */
  expected(alias: string): string {
    const members = this.values.map(({ plan, parameter }) => {
      const written = this.value(alias, plan, parameter);
      return `${quoteText(plan.column.name)}, (${written})::${plan.column.type}::text`;
    });
    return `jsonb_build_object(${members.join(', ')})`;
  }

  private value(alias: string, { column: { name, baseType }, to }: OverwritePlan, parameter: string): string {
    switch (to.is) {
      case 'null':
        return `NULL::${baseType}`;
      case 'literal':
        return `${parameter}::${baseType}`;
      case 'truncated':
        return baseType.endsWith('with time zone')
          ? `date_trunc('day', ${column(alias, name)}, 'UTC')`
          : `date_trunc('day', ${column(alias, name)})`;
      case 'random': {
        const id = primaryKey(alias, this.collection).map((key) => `${key}::text`);
        const seed = [parameter, quoteText(name), ...id].join(` || ' ' || `);
        return `encode(substr(sha256(convert_to(${seed}, 'UTF8')), 1, 16), 'hex')::${baseType}`;
      }
      default:
        return assertNever(to);
    }
  }
}

/** A literal of the map as PostgreSQL reads it: JSON for a JSON column, else plain text. */
export function literalText({ column: { baseType }, to }: OverwritePlan): string {
  if (to.is !== 'literal') throw new Error('only a literal has a text');
  const isJson = baseType === 'json' || baseType === 'jsonb';
  return typeof to.value === 'string' && !isJson ? to.value : JSON.stringify(to.value);
}
