import { randomBytes } from 'node:crypto';
import { type EntityManager } from 'typeorm';
import { DatabaseFault } from '../../database/database-fault.js';
import { sql } from '../../database/sql.js';
import { type ErasedRows, type Scope } from '../store.js';
import { Belonging } from './statements/belonging.js';
import { deleteStatement, type StepResult } from './statements/delete-statement.js';
import { overwriteStatement } from './statements/overwrite-statement.js';
import { OverwriteValues } from './statements/overwrite-values.js';
import { type Pick } from './statements/pick.js';
import { Parameters, type Statement } from './statements/statement.js';
import { type Step } from './steps.js';

/** Where a step goes on. */
export interface StepRun {
  readonly step: Step;
  readonly scope: Scope;
  readonly batchId: string;
  readonly after: readonly string[] | null;
  readonly maxRows: number;
}

export interface StepOutcome {
  readonly erased: readonly ErasedRows[];
  /** Key and primary key of the last row picked; null when there may be no further one. */
  readonly after: readonly string[] | null;
}

/** The one statement of a step. */
export function erasingStatement({ step, scope, batchId, after, maxRows }: StepRun): Statement {
  const { collection, tie, keys, needed, overwrite } = step;
  const parameters = new Parameters();
  const belonging = new Belonging(collection, tie, keys, scope, parameters);
  const pick: Pick = { collection, tie, belonging, needed, after, maxRows };
  if (!overwrite) return deleteStatement(pick, parameters);
  const values = new OverwriteValues(collection, overwrite, randomBytes(32).toString('hex'), parameters);
  return overwriteStatement(pick, values, batchId, parameters);
}

/** Runs the statement of a step. @throws DatabaseFault */
export async function runStep(manager: EntityManager, run: StepRun): Promise<StepOutcome> {
  const { text, parameters } = erasingStatement(run);
  const [result] = await sql<StepResult>(manager, text, parameters).catch((error: unknown) => {
    throw childAppeared(error);
  });
  if (!result) throw new Error('an erasing statement answers with one row');
  const collection = run.step.collection.label;
  const erased = result.erased.map(({ person, rows }) => {
    // Thrown inside the transaction: what nobody named is not erased.
    if (person === null) throw new Error('a row was erased that belongs to nobody');
    return { person, collection, rows };
  });
  return { erased, after: result.picked < run.maxRows ? null : result.last };
}

/**
 * A foreign key that fails although no row hung on the picked ones: someone wrote a row that does in this very moment.
 * Trying again will see it, so it is told as what it is, a conflict with a concurrent change.
 */
function childAppeared(error: unknown): unknown {
  if (!(error instanceof DatabaseFault) || error.sqlState !== '23503') return error;
  return new DatabaseFault('40001', error.constraint, error.table, error.column);
}
