import { quoteName } from '../../../database/sql.js';
import { type Finding } from '../../store.js';
import { type LiveForeignKey } from '../live/live-schema.js';
import { type CheckedCollection, labelOf, mistake, names } from './findings.js';

const changesOthers: Readonly<Record<LiveForeignKey['onDelete'], string | null>> = {
  a: null,
  r: null,
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};

/** Foreign keys into a collection whose rows are deleted: none may delete or change rows of others, or read whole tables. */
export function checkForeignKeys(checked: CheckedCollection): readonly Finding[] {
  const { collection, table, live, store } = checked;
  if (collection.erase.by === 'overwrite') return [];
  const findings: Finding[] = [];
  for (const key of live.foreignKeys.filter(({ parentOid }) => parentOid === table.oid)) {
    const child = `${quoteName(key.childSchema)}.${quoteName(key.childTable)}`;
    const action = changesOthers[key.onDelete];
    if (action !== null)
      findings.push(
        mistake(
          labelOf(checked),
          `foreign key ${key.name} of ${child} has ON DELETE ${action}: erasing a row would take others' rows with it`,
          `ALTER TABLE ${child} DROP CONSTRAINT ${quoteName(key.name)}; and add it again without ON DELETE ${action}`,
        ),
      );
    if (!key.indexed)
      findings.push(
        mistake(
          labelOf(checked),
          `foreign key ${key.name} of ${child} has no index: each erased row would read that whole table`,
          `CREATE INDEX CONCURRENTLY ON ${child} (${names(key.childColumns)})`,
        ),
      );
    const mapped = store.collections.find(({ name }) => live.tables.get(name)?.oid === key.childOid);
    if (mapped?.directory && !collection.directory)
      findings.push(
        mistake(
          labelOf(checked),
          `${mapped.name} of the directory refers to it, and the directory goes last`,
          'directory: true, or take the foreign key away',
        ),
      );
  }
  return findings;
}
