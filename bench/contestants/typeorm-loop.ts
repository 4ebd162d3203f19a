import { type DataSource } from 'typeorm';
import { type Contestant, type Ran } from '../frame/contestant.js';
import { type Slice } from '../platform/arena.js';
import { openOrm, type OrmRow, ormSchemas } from './orm-entities.js';
import { type OrmPart, overwritten, partsOf } from './orm-person.js';

/** How a person's rows of one table go. */
type Way = (source: DataSource, part: OrmPart) => Promise<void>;

/** What services usually do: person by person, table by table. Nothing is counted and nobody looks whether anything is left. */
export class TypeormLoop implements Contestant {
  private constructor(
    readonly name: string,
    readonly slices: number,
    private readonly source: DataSource,
    private readonly way: Way,
  ) {}

  /** One `delete` a person and table. */
  static async deleting(url: string, slices: number): Promise<TypeormLoop> {
    return new TypeormLoop('typeorm loop', slices, await openOrm(url, 'typeorm loop'), deletePart);
  }

  /** `find`, then `remove` of what was found. */
  static async removing(url: string, slices: number): Promise<TypeormLoop> {
    return new TypeormLoop('find and remove', slices, await openOrm(url, 'find and remove'), removePart);
  }

  async run({ userIds, rows }: Slice): Promise<Ran> {
    const began = performance.now();
    for (const userId of userIds)
      for (const part of await partsOf(this.source, userId)) await this.way(this.source, part);
    return { seconds: (performance.now() - began) / 1000, rows, finished: true };
  }

  async close(): Promise<void> {
    await this.source.destroy();
  }
}

async function deletePart({ manager }: DataSource, { table, where }: OrmPart): Promise<void> {
  const schema = ormSchemas[table];
  if (table !== 'analytics_events') await manager.delete(schema, where);
  else
    await manager.update(schema, where, {
      ...overwritten,
      occurred_on: () => `date_trunc('day', occurred_on, 'UTC')`,
    });
}

async function removePart({ manager }: DataSource, { table, where }: OrmPart): Promise<void> {
  const schema = ormSchemas[table];
  const rows = await manager.find(schema, { where });
  if (rows.length === 0) return;
  if (table === 'analytics_events') await manager.save(schema, rows.map(overwrite));
  else await manager.remove(schema, rows);
}

function overwrite(row: OrmRow): OrmRow {
  const day = new Date(row['occurred_on'] as Date);
  day.setUTCHours(0, 0, 0, 0);
  return { ...row, ...overwritten, occurred_on: day };
}
