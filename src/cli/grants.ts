import { loadDataMap } from '../stores/data-map/load-data-map.js';
import { grantsSql } from '../stores/grants/grants.js';
import { type CommandIo, exitStatus, type GrantsOptions } from './command.js';

/** Prints the SQL that gives a role what the service needs: `expunge grants --role NAME | psql …`. */
export async function grants({ role, withoutDelete }: GrantsOptions, io: CommandIo): Promise<number> {
  const map = await loadDataMap(io.settings.dataMapPath);
  const { dataSource } = await io.database();
  io.out(await grantsSql(dataSource.manager, map, { role, withoutDelete }));
  return exitStatus.done;
}
