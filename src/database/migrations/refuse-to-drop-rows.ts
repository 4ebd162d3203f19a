import { type QueryRunner } from 'typeorm';

/** Going down is for empty tables only: a table that has rows is somebody's data or somebody's proof. */
export async function refuseToDropRows(
  runner: QueryRunner,
  schema: string,
  tables: readonly string[],
): Promise<void> {
  for (const table of tables) {
    const [found] = (await runner.query(`SELECT EXISTS (SELECT FROM "${schema}"."${table}") AS "rows"`)) as [
      { rows: boolean },
    ];
    if (found.rows) throw new Error(`${schema}.${table} has rows: going down would lose them`);
  }
}
