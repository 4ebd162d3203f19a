import { type EntityManager } from 'typeorm';
import { DatabaseFault } from '../../database/database-fault.js';
import { preparedSql } from '../../database/prepared-sql.js';
import { type ErasedRows, type Scope } from '../store.js';
import { compareKeys } from './keys/step-keys.js';
import { Belonging } from './statements/belonging.js';
import { deleteStatement, type StepResult } from './statements/delete-statement.js';
import { overwriteStatement } from './statements/overwrite-statement.js';
import { OverwriteValues } from './statements/overwrite-values.js';
import { type Picking } from './statements/pick.js';
import { Parameters, type Statement } from './statements/statement.js';
import { type Step } from './steps.js';

/** How far a step has come: in the order of its keys, and of the primary keys of the rows that carry one. */
export interface Position {
  readonly key: readonly string[];
  /** null: with the first row of the key. */
  readonly after: readonly string[] | null;
}

export interface StepRun {
  readonly step: Step;
  readonly scope: Scope;
  readonly batchId: string;
  /** null: from the beginning. */
  readonly from: Position | null;
  readonly maxRows: number;
}

export interface StepOutcome {
  readonly erased: readonly ErasedRows[];
  /** null when all rows that carry a key were walked. */
  readonly next: Position | null;
}

/** The one statement of a step. */
export function erasingStatement(run: StepRun): Statement {
  const { collection, tie, keys, needed, overwrite } = run.step;
  const parameters = new Parameters();
  const belonging = new Belonging(collection, tie, keys, run.scope, parameters);
  const owners = keys.rows;
  const picking: Picking = {
    collection,
    tie,
    belonging,
    needed,
    owners,
    ...walkOf(run),
    maxRows: run.maxRows,
  };
  if (!overwrite) return deleteStatement(picking, parameters);
  return overwriteStatement(picking, new OverwriteValues(overwrite, parameters), run.batchId, parameters);
}

/** Runs the statement of a step. @throws DatabaseFault */
export async function runStep(manager: EntityManager, run: StepRun): Promise<StepOutcome> {
  const { text, parameters } = erasingStatement(run);
  const [result] = await preparedSql<StepResult>(manager, text, parameters).catch((error: unknown) => {
    throw childAppeared(error);
  });
  if (!result) throw new Error('an erasing statement answers with one row');
  const collection = run.step.collection.label;
  const erased = result.erased.map(({ person, rows }) => {
    // Thrown inside the transaction: what nobody named is not erased.
    if (person === null) throw new Error('a row was erased that belongs to nobody');
    return { person, collection, rows };
  });
  return { erased, next: nextPosition(run, result) };
}

/** All keys that are not walked yet; amid the rows of a key, that one alone. */
function walkOf({ step, from }: StepRun): Pick<Picking, 'keys' | 'after'> {
  if (!from) return { keys: step.keys.walk, after: null };
  const rest = step.keys.walk.filter((key) => compareKeys(key, from.key) >= 0);
  const [first] = rest;
  const amid = from.after !== null && first !== undefined && compareKeys(first, from.key) === 0;
  return amid ? { keys: [first], after: from.after } : { keys: rest, after: null };
}

function nextPosition(run: StepRun, { walked, nth, last }: StepResult): Position | null {
  const { keys } = walkOf(run);
  const key = keys[(nth ?? 1) - 1];
  if (walked === run.maxRows && key) return { key, after: last };
  const through = keys.at(-1);
  const following = through && run.step.keys.walk.find((candidate) => compareKeys(candidate, through) > 0);
  return following ? { key: following, after: null } : null;
}

/**
 * A foreign key that fails although no row hung on the picked ones: someone wrote a row that does in this very moment.
 * Trying again will see it, so it is told as what it is, a conflict with a concurrent change.
 */
function childAppeared(error: unknown): unknown {
  if (!(error instanceof DatabaseFault) || error.sqlState !== '23503') return error;
  return new DatabaseFault('40001', error.constraint, error.table, error.column);
}
