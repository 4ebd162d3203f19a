import { openStores } from '../stores/open-stores.js';
import { type CommandIo, exitStatus, type NoOptions } from './command.js';

/** Prints everything that is wrong between the data map and the live database, each with what would settle it. */
export async function dataMapCheck(_options: NoOptions, io: CommandIo): Promise<number> {
  const { dataSource, settings } = await io.database();
  const stores = await openStores(settings, dataSource, io.log);
  const findings = await stores.refresh();
  for (const { kind, collection, problem, remedy } of findings)
    io.out(`${kind}  ${collection}: ${problem}\n    ${remedy}`);
  if (findings.length === 0) io.out('the data map fits the database');
  return findings.length === 0 ? exitStatus.done : exitStatus.failed;
}
