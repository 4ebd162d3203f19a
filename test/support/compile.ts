import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';

/** Compiles one source file as the tests do (jest.config.js), from one tree into another. */
export async function compile(from: string, name: string, to: string): Promise<void> {
  const target = join(to, name.replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  const { code } = await transformFile(join(from, name), {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2022',
    },
    module: { type: 'es6' },
  });
  await writeFile(target, code);
}
