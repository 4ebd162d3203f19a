import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { groupBy } from '../../../src/common/group-by.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A line of code as it would stand in a file that is there, and what the lint must say of it; '' where it may say so. */
type Case = readonly [file: string, code: string, complaint: string];

const oneWay = 'imports run one way';
const ownRoom = 'Entities and repositories stay in their room';
const bull = 'Bull is known to erasure/queue alone';
const environment = 'Only src/config reads the environment';
const migrations = 'The schema changes by migrations only';
const sql = 'whole predicate, by sql()';

/** Whatever rooms there are: each is in the table, so that nobody can import the command. */
const rooms = readdirSync(`${root}src`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'cli')
  .map(({ name }): Case => {
    const file = readdirSync(`${root}src/${name}`, { recursive: true, encoding: 'utf8' }).find((path) =>
      /(?<!\.spec)\.ts$/.test(path),
    );
    if (file === undefined) throw new Error(`src/${name} is empty`);
    const up = '../'.repeat(file.split('/').length);
    return [`src/${name}/${file}`, `export * from '${up}cli/command.js';`, oneWay];
  });

const cases: readonly Case[] = [
  ...rooms,
  ['src/users/users.module.ts', `export * from '../http/open-routes.js';`, oneWay],
  ['src/users/users.module.ts', `export * from '../bots/bots.service.js';`, oneWay],
  ['src/users/users.module.ts', `export const late = import('../http/open-routes.js');`, oneWay],
  ['src/users/users.module.ts', `export * from './../http/open-routes.js';`, oneWay],
  ['src/users/users.module.ts', `export * from '../database/sql.js';`, ''],
  ['src/config/settings.ts', `export * from '../common/clock.js';`, oneWay],
  ['src/common/clock.ts', `export * from '../users/users.module.js';`, oneWay],
  ['src/stores/postgres/steps.ts', `export * from '../../erasure/run/job.js';`, oneWay],
  ['src/protection/protection-policy.ts', `export * from '../stores/store.js';`, oneWay],
  ['src/http/hooks.ts', `export * from '../erasure/erasure-status.js';`, oneWay],
  ['src/erasure/run/job.ts', `export * from '../../http/open-routes.js';`, oneWay],
  ['src/erasure/run/job.ts', `export * from '../../app.module.js';`, oneWay],
  ['src/erasure/run/job.ts', `export * from '../../cli/command.js';`, oneWay],
  ['src/erasure/queue/work-queue.ts', `export * from '../../http/open-routes.js';`, oneWay],
  ['src/erasure/run/job.ts', `export * from '../../stores/store.js';`, ''],
  ['src/erasure/run/job.ts', `export * from '../../auth/client-app.entity.js';`, ownRoom],
  ['src/http/hooks.ts', `export * from '../auth/client-app.repository.js';`, ownRoom],

  ['src/erasure/run/job.ts', `export * from 'bull';`, bull],
  ['src/erasure/intake/intake.module.ts', `export * from '@nestjs/bull';`, bull],
  ['src/http/hooks.ts', `export * from 'bull';`, bull],
  ['src/cli/serve.ts', `export * from 'bull';`, bull],
  ['src/main.ts', `export * from 'bull';`, bull],
  ['src/erasure/queue/work-queue.ts', `export * from 'bull';`, ''],

  ['src/http/hooks.ts', 'export const home = process.env["HOME"];', environment],
  ['src/erasure/run/job.ts', 'export const home = process.env["HOME"];', environment],
  ['src/cli/serve.ts', `export { env } from 'node:process';`, environment],
  ['src/config/environment.ts', 'export const home = process.env["HOME"];', ''],

  ...['src/database/sql.ts', 'src/erasure/run/job.ts', 'src/cli/serve.ts', 'ormconfig.ts'].flatMap(
    (file): Case[] => [
      [file, 'export const options = { synchronize: true };', migrations],
      [file, `export const options = { 'dropSchema': true };`, migrations],
      [file, 'export const options = { synchronize: Boolean(1) };', migrations],
      [file, 'export const make = (db: { synchronize(): void }): void => { db.synchronize(); };', migrations],
      [file, 'export const options = { synchronize: false, dropSchema: false };', ''],
      [
        file,
        'export const make = (m: { createQueryBuilder(): void }): void => { m.createQueryBuilder(); };',
        sql,
      ],
      [
        file,
        'export const all = (manager: { delete(what: object): void }): void => { manager.delete({}); };',
        sql,
      ],
      [file, 'export const all = (db: { manager: { find(): void } }): void => { db.manager.find(); };', sql],
    ],
  ),
];

/** Reads texts by file from standard input, prints for each what the lint says of each of its lines. */
const lintAll = `
  import { json } from 'node:stream/consumers';
  import { ESLint } from 'eslint';
  const eslint = new ESLint();
  const told = [];
  for (const [filePath, lines] of await json(process.stdin)) {
    const [{ messages }] = await eslint.lintText(lines.join('\\n') + '\\n', { filePath });
    const of = (line) => messages.filter((said) => said.line === line).map(({ message }) => message);
    told.push(lines.map((_, index) => of(index + 1)));
  }
  console.log(JSON.stringify(told));`;

describe('the lint', () => {
  const told = new Map<Case, readonly string[]>();

  beforeAll(async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', lintAll], {
      cwd: root,
      // Under CI the parser takes files as they lie on the disk, whatever text it is given.
      env: { ...process.env, TSESTREE_SINGLE_RUN: 'false' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // The cases of a file at once, a line each: for each text the types of the whole project are looked at anew.
    const files = [...groupBy(cases, ([file]) => file)];
    child.stdin.end(JSON.stringify(files.map(([file, those]) => [file, those.map(([, code]) => code)])));
    const answers = JSON.parse(await text(child.stdout)) as readonly (readonly (readonly string[])[])[];
    for (const [file, [, those]] of files.entries())
      for (const [line, one] of those.entries()) told.set(one, answers[file]?.[line] ?? ['not looked at']);
  }, 120_000);

  it.each(cases.map((one) => [...one, one] as const))('of %s: %s', (_file, _code, complaint, one) => {
    const messages = told.get(one) ?? [];
    if (complaint === '') expect(messages).toEqual([]);
    else expect(messages).toEqual([expect.stringContaining(complaint)]);
  });
});
