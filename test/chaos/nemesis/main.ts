import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { blows } from './blows.js';
import { runChaos } from './run-chaos.js';

/** `npm run chaos -- --seed S --minutes M [--only BLOW[,BLOW]] [--direct] [--write FILE]` */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    minutes: { type: 'string', default: '5' },
    only: { type: 'string' },
    direct: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});
const seed = Number(values.seed);
const minutes = Number(values.minutes);
const names = values.only?.split(',');
const only = names?.map((name) => blows.find((blow) => blow.name === name));
if (!Number.isInteger(seed) || !(minutes > 0) || only?.includes(undefined)) {
  console.error(
    'npm run chaos -- --seed WHOLE_NUMBER --minutes NUMBER [--only BLOW[,BLOW]] [--direct] [--write FILE]\nBLOW is one of:',
  );
  for (const { name } of blows) console.error(`  ${name}`);
  process.exit(2);
}
console.log(`seed ${seed}, ${minutes} minutes`);
const began = performance.now();
const report = await runChaos(
  seed,
  () => performance.now() - began > minutes * 60_000,
  (line) => {
    console.log(`${((performance.now() - began) / 1000).toFixed(1)} s  ${line}`);
  },
  only?.filter((blow) => blow !== undefined),
  values.direct,
);
const text = JSON.stringify(report, null, 2);
console.log(text);
if (values.write !== undefined) await writeFile(values.write, `${text}\n`);
process.exitCode = report.offences.length === 0 ? 0 : 1;
