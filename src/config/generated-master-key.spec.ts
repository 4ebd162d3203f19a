import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { generatedMasterKey } from './generated-master-key.js';

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'master-key-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

test('is made once, by whoever comes first, and readable by its owner alone', async () => {
  const directory = join(place, 'data');
  const keys = await Promise.all([1, 2, 3].map(() => generatedMasterKey(directory)));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
  expect(await readdir(directory)).toEqual(['master.key']);
  expect((await stat(join(directory, 'master.key'))).mode & 0o777).toBe(0o600);
  expect(await generatedMasterKey(directory)).toEqual(keys[0]);
});

test('another directory has another key', async () => {
  const [one, other] = [
    await generatedMasterKey(join(place, 'a')),
    await generatedMasterKey(join(place, 'b')),
  ];
  expect(one).not.toEqual(other);
});

test('a file that holds something else is refused by its name, and left as it is', async () => {
  await writeFile(join(place, 'master.key'), 'marked');
  const failure: unknown = await generatedMasterKey(place).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigurationError);
  expect(String(failure)).toContain('master.key');
  expect(String(failure)).not.toContain('marked');
  expect(await readFile(join(place, 'master.key'), 'utf8')).toBe('marked');
});
