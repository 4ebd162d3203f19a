import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.js';

/** `npm run chaos -- --seed S --minutes M [--write FILE]` */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    minutes: { type: 'string', default: '5' },
    write: { type: 'string' },
  },
});
const seed = Number(values.seed);
const minutes = Number(values.minutes);
if (!Number.isInteger(seed) || !(minutes > 0)) {
  console.error('npm run chaos -- --seed WHOLE_NUMBER --minutes NUMBER [--write FILE]');
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
);
const text = JSON.stringify(report, null, 2);
console.log(text);
if (values.write !== undefined) await writeFile(values.write, `${text}\n`);
process.exitCode = report.offences.length === 0 ? 0 : 1;
