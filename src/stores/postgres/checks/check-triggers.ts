import { type Finding } from '../../store.js';
import { type CheckedCollection, labelOf, mistake } from './findings.js';

/**
 * Triggers and rules that fire when rows are erased: one can keep the row (`RETURN NULL`), copy it elsewhere or put its
 * values back. An operator who knows what one does lists it.
 */
export function checkTriggers(checked: CheckedCollection): readonly Finding[] {
  const { collection, table } = checked;
  const deletes = collection.erase.by === 'delete';
  const updates = collection.erase.by === 'overwrite' || collection.whenShared !== null;
  const known = new Set(collection.triggers.map(({ name }) => name));
  return table.triggers
    .filter(({ onDelete, onUpdate }) => (onDelete && deletes) || (onUpdate && updates))
    .filter(({ name }) => !known.has(name))
    .map(({ name, what }) =>
      mistake(
        labelOf(checked),
        `${what} ${name} fires when rows are erased, and nobody said what it does`,
        `triggers: { ${name}: "what it does to erased rows" }`,
      ),
    );
}
