import fc from 'fast-check';
import { faultPoints } from '../../../src/config/fault-points.js';
import { situations } from '../crash-case.js';
import { type ErasingWorld, newKey } from './erasing-world.js';
import { type ErasureModel } from './erasure-model.js';
import { type Fault } from './mortal-service.js';

/** Something that happens to the service and to the model alike. */
export type Command = fc.AsyncCommand<ErasureModel, ErasingWorld>;

/** A command of a name, with values that are told when a run fails. */
function command(
  told: string,
  run: (model: ErasureModel, world: ErasingWorld) => Promise<void>,
  check: (model: ErasureModel) => boolean = () => true,
): Command {
  return { check, run, toString: () => told };
}

/** @param fault met on the way, where the service gets that far; null: the one armed before, if any */
const submit = (persons: readonly number[], fault: Fault | null): Command =>
  command(`erase ${persons.join()}${told(fault)}`, async (model, world) => {
    if (fault) world.arm(fault);
    const key = newKey();
    model.accepted({ id: await world.erase(persons, key), key, persons });
  });

const submitAgain = (which: number): Command =>
  command(
    `send request ${which} again`,
    async ({ requests }, world) => {
      const request = requests[which % requests.length];
      if (!request) return;
      const id = await world.erase(request.persons, request.key);
      if (id !== request.id) throw new Error('the same call was accepted twice');
    },
    ({ requests }) => requests.length > 0,
  );

const write = (number: number): Command =>
  command(`${number} writes`, async (model, world) => {
    for (const row of await world.write(number)) model.person(number).written.add(row);
  });

const becomeOwner = (number: number): Command =>
  command(`${number} becomes an owner`, async (model, world) => {
    const person = model.person(number);
    person.kept ??= await world.makeOwner(number);
  });

const letTimePass = command('time passes', (_model, world) => world.letLeasesPass());

/** Everything is settled, and as it must be. */
export const settle = command('settle', async (model, world) => {
  await world.settle();
  const wrong = [...(await world.offences())];
  const reports = new Map(
    await Promise.all(model.requests.map(async ({ id }) => [id, await world.report(id)] as const)),
  );
  for (const [number, { requests }] of model.persons.entries()) {
    const entries = requests.flatMap(({ id, persons }) => {
      const first = persons.findIndex((one) => one % model.persons.length === number);
      return reports.get(id)?.response[first] ?? [];
    });
    const erased = entries.flatMap(({ erased: rows }) => Object.values(rows ?? {}));
    wrong.push(
      ...model.judge(
        number,
        await world.rowsOf(number),
        entries.map(({ status }) => status),
        erased.reduce((sum, rows) => sum + rows, 0),
      ),
    );
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
});

function told(fault: Fault | null): string {
  return fault ? ` (${fault.what} at ${fault.at}#${fault.nth})` : '';
}

const anyone = fc.nat({ max: 3 });
const several = fc.array(anyone, { minLength: 1, maxLength: 5, size: 'max' });

/** Where a service gets when it accepts and erases, and nothing else stands in its way. */
const onTheWay = faultPoints.filter((at) => ['erasing', 'calling'].includes(situations[at]));
const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.constantFrom(...onTheWay),
  nth: fc.integer({ min: 1, max: 3 }),
  what: fc.constantFrom('crash', 'stall', 'lose'),
});
const underFault = fc.tuple(several, fault).map(([persons, met]) => submit(persons, met));

/** Commands of a run: mostly calls that something happens to. */
export const commands = fc.commands(
  [
    underFault,
    underFault,
    underFault,
    several.map((persons) => submit(persons, null)),
    anyone.map(submitAgain),
    anyone.map(write),
    anyone.map(becomeOwner),
    fc.constant(letTimePass),
    fc.constant(settle),
  ],
  { maxCommands: 10, size: 'max' },
);
