import { once } from 'node:events';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';

/** Uses the embedded database of a directory until standard input ends (see database-process.ts). */
const [dataDir = '', mode] = process.argv.slice(2);
try {
  const postgres = await EmbeddedPostgres.startOrJoin(dataDir, { hold: mode === 'hold' });
  console.log(postgres.url);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await postgres.stop();
} catch (error) {
  console.log((error as Error).message);
}
