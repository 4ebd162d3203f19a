import { type Finding } from '../../store.js';
import { type CheckedCollection, labelOf, mistake } from './findings.js';
import { neededColumns } from './needed-columns.js';

const remedy = 'the SQL that `expunge grants --role …` prints, run by the owner of the table';

/** The current role can see and erase what the collection names. */
export function checkPrivileges(checked: CheckedCollection): readonly Finding[] {
  const { collection, table, live } = checked;
  const { read, overwritten } = neededColumns(collection, table.primaryKey);
  const unreadable = [...read].filter((name) => table.columns.get(name)?.maySelect === false);
  const unwritable = [...overwritten].filter((name) => table.columns.get(name)?.mayUpdate === false);
  const findings: Finding[] = [];
  const missing = (what: string): void => {
    findings.push(mistake(labelOf(checked), `the role of the service may not ${what}`, remedy));
  };
  if (unreadable.length > 0) missing(`read ${unreadable.join(', ')}`);
  if (unwritable.length > 0) missing(`overwrite ${unwritable.join(', ')}`);
  if (collection.erase.by === 'delete' && !table.mayDelete) missing('delete rows');
  if (collection.erase.by === 'delete')
    for (const key of live.foreignKeys)
      if (key.parentOid === table.oid && !key.readable)
        missing(
          `see which rows of ${key.childSchema}.${key.childTable} hang on a row (${key.childColumns.join(', ')})`,
        );
  return findings;
}
