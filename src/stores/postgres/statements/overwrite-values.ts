import { assertNever } from '../../../common/assert-never.js';
import { quoteName } from '../../../database/sql.js';
import { type OverwritePlan } from '../plan/collection-plan.js';
import { column, quoteText } from './fragments.js';
import { type Parameters } from './statement.js';

/**
 * What each column of an overwrite becomes, worked out once for each picked row. What is noted for the probe is what is
 * written, not a second computation of it.
 */
export class OverwriteValues {
  private readonly values: readonly { readonly plan: OverwritePlan; readonly text: string }[];

  constructor(plans: readonly OverwritePlan[], parameters: Parameters) {
    this.values = plans.map((plan) => ({ plan, text: valueOf(plan, parameters) }));
  }

  /** The column `expected` of a row `r`: a jsonb of column → text, as it must read back. */
  get expected(): string {
    const members = this.values.map(({ plan, text }) => `${quoteText(plan.column.name)}, ${text}`);
    return `jsonb_build_object(${members.join(', ')}) AS expected`;
  }

  /** `"user_id" = (picked.expected ->> 'user_id')::text, …` */
  get assignments(): string {
    return this.values
      .map(({ plan: { column: written } }) => {
        const value = `(picked.expected ->> ${quoteText(written.name)})::${written.baseType}`;
        return `${quoteName(written.name)} = ${value}`;
      })
      .join(', ');
  }
}

/** As text in the column's own type: one with modifiers rounds what it is given, and so does this. */
function valueOf({ column: { name, type, baseType }, to }: OverwritePlan, parameters: Parameters): string {
  switch (to.is) {
    case 'null':
      return 'NULL::text';
    case 'literal':
      return `${parameters.add(literalText({ column: { name, type, baseType }, to }), 'text')}::${type}::text`;
    case 'truncated': {
      const zone = baseType.endsWith('with time zone') ? `, 'UTC'` : '';
      return `date_trunc('day', ${column('r', name)}${zone})::${type}::text`;
    }
    case 'random':
      return baseType === 'uuid' ? 'gen_random_uuid()::text' : `replace(gen_random_uuid()::text, '-', '')`;
    default:
      return assertNever(to);
  }
}

/** A literal of the map as PostgreSQL reads it: JSON for a JSON column, else plain text. */
export function literalText({ column: { baseType }, to }: OverwritePlan): string {
  if (to.is !== 'literal') throw new Error('only a literal has a text');
  const isJson = baseType === 'json' || baseType === 'jsonb';
  return typeof to.value === 'string' && !isJson ? to.value : JSON.stringify(to.value);
}
