import { describeSettings } from '../config/describe-settings.js';
import { processEnvironment } from '../config/environment.js';
import { type CommandIo, exitStatus, type NoOptions } from './command.js';

/** Prints every setting with what counts now, its default and its meaning. Shows no secret. */
export function config(_options: NoOptions, io: CommandIo): Promise<number> {
  const lines = describeSettings(processEnvironment()).map(({ name, value, preset, isSet, about }) => {
    const source = isSet ? `set; default ${preset === '' ? 'none' : preset}` : 'default';
    return `${name}=${value}\n    ${about} (${source})`;
  });
  io.out(lines.join('\n'));
  return Promise.resolve(exitStatus.done);
}
