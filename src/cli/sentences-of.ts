import { ConfigurationError } from '../config/configuration-error.js';
import { DatabaseFault, toDatabaseFault } from '../database/database-fault.js';

/**
 * What a command says on standard error when it fails: one sentence, or one for each problem of the configuration. Of a
 * database error only what a DatabaseFault tells, since the rest carries rows.
 */
export function sentencesOf(error: unknown): readonly string[] {
  if (error instanceof ConfigurationError)
    return error.problems.map((problem) => `configuration: ${problem}`);
  const fault = toDatabaseFault(error);
  if (fault instanceof DatabaseFault) return [`expunge: ${ofFault(fault)}`];
  return [`expunge: ${error instanceof Error ? error.message : 'failed'}`];
}

function ofFault({ sqlState, connectionLost, table, constraint }: DatabaseFault): string {
  if (connectionLost) return `the database can't be reached or takes no connections now (${sqlState})`;
  const place = [table, constraint].filter((name) => name !== null).join(', ');
  return `the database refused a statement (${sqlState}${place === '' ? '' : `: ${place}`})`;
}
