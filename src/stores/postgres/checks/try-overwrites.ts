import { type EntityManager } from 'typeorm';
import { DatabaseFault } from '../../../database/database-fault.js';
import { quoteName, sql } from '../../../database/sql.js';
import { type Finding } from '../../store.js';
import { type LiveCheck } from '../live/live-schema.js';
import { type OverwritePlan } from '../plan/collection-plan.js';
import { quoteText } from '../statements/fragments.js';
import { literalText } from '../statements/overwrite-values.js';
import { type CheckedCollection, labelOf, mistake } from './findings.js';

/** What the database says against the values of an overwrite when asked to cast and check them; no row is touched. */
export async function tryOverwrites(
  manager: EntityManager,
  checked: CheckedCollection,
  overwrites: readonly OverwritePlan[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const fitting: OverwritePlan[] = [];
  for (const overwrite of overwrites) {
    const { column, to } = overwrite;
    if (to.is !== 'null' && to.is !== 'literal') continue;
    if (await succeeds(manager, `SELECT ${written(overwrite)}`)) fitting.push(overwrite);
    else
      findings.push(
        mistake(
          labelOf(checked),
          `column ${column.name} is of type ${column.type}, which can not hold what is written`,
          `${column.name}: a value of that type`,
        ),
      );
  }
  for (const check of checked.table.checks)
    if (await forbids(manager, check, fitting))
      findings.push(
        mistake(
          labelOf(checked),
          `constraint ${check.name} forbids the overwritten row`,
          `other values for ${check.columns.join(', ')}, or ALTER TABLE … DROP CONSTRAINT ${check.name}`,
        ),
      );
  return findings;
}

/** Only a check that speaks of nothing but values known beforehand can be judged without looking at rows. */
async function forbids(
  manager: EntityManager,
  check: LiveCheck,
  overwrites: readonly OverwritePlan[],
): Promise<boolean> {
  const values = check.columns.map((name) => overwrites.find(({ column }) => column.name === name));
  if (values.length === 0 || !values.every((value) => value !== undefined)) return false;
  const row = values.map((value) => `${written(value)} AS ${quoteName(value.column.name)}`).join(', ');
  return !(await succeeds(
    manager,
    `SELECT 1 / (CASE WHEN (${check.expression}) IS FALSE THEN 0 ELSE 1 END) FROM (SELECT ${row}) AS r`,
  ));
}

function written({ column, to }: OverwritePlan): string {
  return to.is === 'literal'
    ? `${quoteText(literalText({ column, to }))}::${column.baseType}`
    : `NULL::${column.baseType}`;
}

/** Within a savepoint, so that an error ends nothing but the attempt. */
async function succeeds(manager: EntityManager, text: string): Promise<boolean> {
  await sql(manager, 'SAVEPOINT attempt');
  try {
    await sql(manager, text);
    return true;
  } catch (error) {
    if (error instanceof DatabaseFault && /^2[23]/.test(error.sqlState)) return false;
    throw error;
  } finally {
    await sql(manager, 'ROLLBACK TO SAVEPOINT attempt');
  }
}
