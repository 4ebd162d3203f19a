import { exitStatus, type LastingIo, type NoOptions } from '../command.js';
import { runDemo } from './run-demo.js';

/**
 * Shows the main job on real PostgreSQL: a sample platform, the real call over HTTP, and a check by SQL of every row. Leaves
 * nothing behind. The exit status is 0 only if everything held.
 */
export async function demo(_options: NoOptions, io: LastingIo): Promise<number> {
  const held = await runDemo({ directory: '.expunge-demo', sample: { seed: 1, people: 2000 } }, io);
  return held ? exitStatus.done : exitStatus.failed;
}
