import { type EntityManager, QueryFailedError } from 'typeorm';
import { DatabaseFault, toDatabaseFault } from './database-fault.js';
import { HeardClient } from './heard-client.js';
import { sql } from './sql.js';

/**
 * As `sql`, for statements of which one plan is as good as another whatever they are given, and that are sent again and
 * again: on a connection that the manager holds (`inTransaction`, `inOneStatement`) the server parses and plans each once,
 * which for a few people takes it longer than running it. Where the session is not ours alone, as behind a transaction
 * pooler, it is `sql`.
 *
 * The plan that is kept knows nothing of the values, and was made when the tables may have been small: a statement may come
 * here when a test has looked at its plan after eight executions, and at the one that knows nothing of the values. (A call of
 * one function has no plan to speak of: those of its statements are the function's.)
 *
 * @throws DatabaseFault
 */
export async function preparedSql<Row extends object>(
  manager: EntityManager,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const client: unknown = await manager.queryRunner?.connect();
  if (!(client instanceof HeardClient)) return sql(manager, text, parameters);
  try {
    const name = await client.preparedName(text);
    if (name === null) return await sql(manager, text, parameters);
    const { rows } = await client.query<Row>({ name, text, values: [...parameters] });
    return rows;
  } catch (error) {
    if (error instanceof DatabaseFault) throw error;
    // As what goes through TypeORM: whatever the driver says is a fault of the database.
    if (!isOutdated(error)) throw toDatabaseFault(new QueryFailedError(text, [], error as Error));
    client.forgetPrepared();
    // Trying again will plan it anew: a conflict with a concurrent change.
    throw new DatabaseFault('40001');
  }
}

/**
 * A column has another type by now than when the statement was planned, or somebody has thrown the statements of this session
 * away. The first is told apart from everything else of its code by the routine alone.
 */
function isOutdated(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, routine } = error as { readonly code?: unknown; readonly routine?: unknown };
  return (code === '0A000' && routine === 'RevalidateCachedQuery') || code === '26000';
}
