import fc from 'fast-check';
import { type FaultPoint, faultPoints } from '../../../src/config/fault-points.js';
import { situations } from '../crash-case.js';
import { type ErasingWorld, newKey } from './erasing-world.js';
import { type ErasureModel, type ModelRequest } from './erasure-model.js';
import { cancel, pause, resume, retry } from './lifecycle-commands.js';
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

async function send(
  model: ErasureModel,
  world: ErasingWorld,
  persons: readonly number[],
): Promise<ModelRequest> {
  const key = newKey();
  return model.accepted({ id: await world.erase(persons, key), key, persons });
}

/** @param fault met on the way, where the service gets that far; null: the one armed before, if any */
const submit = (persons: readonly number[], fault: Fault | null): Command =>
  command(`erase ${persons.join()}${told(fault)}`, async (model, world) => {
    if (fault) world.arm(fault);
    await send(model, world, persons);
  });

/** @param at where a worker stands still, just so long that it goes on when another has taken over */
const overtaken = (persons: readonly number[], at: FaultPoint): Command =>
  command(
    `erase ${persons.join()} by one who is taken over (${at})`,
    async (model, world) => {
      world.arm({ at, nth: 1, what: 'stall' });
      await send(model, world, persons);
      await world.settle();
    },
    ({ paused }) => paused === null,
  );

/** @param begun some of it is being erased by then, if it is not a moment of rest */
const cancelAmid = (persons: readonly number[], begun: boolean): Command =>
  command(`erase ${persons.join()} and cancel ${begun ? 'the rest' : 'at once'}`, async (model, world) => {
    const request = await send(model, world, persons);
    if (begun && model.paused === null) await world.begun(request.id);
    await cancel(request, world);
  });

const pauseAmid = (persons: readonly number[]): Command =>
  command(
    `erase ${persons.join()} and pause`,
    async (model, world) => {
      const { id } = await send(model, world, persons);
      await world.begun(id);
      await pause(model, world);
    },
    ({ paused }) => paused === null,
  );

/** Something that happens to one of the requests. */
const toRequest = (
  what: string,
  which: number,
  run: (request: ModelRequest, model: ErasureModel, world: ErasingWorld) => Promise<void>,
): Command =>
  command(
    `${what} request ${which}`,
    async (model, world) => {
      const request = model.requests[which % model.requests.length];
      if (request) await run(request, model, world);
    },
    ({ requests }) => requests.length > 0,
  );

const submitAgain = (which: number): Command =>
  toRequest('send again', which, async ({ id, persons, key }, _model, world) => {
    if ((await world.erase(persons, key)) !== id) throw new Error('the same call was accepted twice');
  });

const write = (number: number): Command =>
  command(`${number} writes`, async (model, world) => {
    for (const row of await world.write(number)) model.person(number).written.add(row);
  });

async function makeOwner(number: number, model: ErasureModel, world: ErasingWorld): Promise<void> {
  model.person(number).kept ??= await world.makeOwner(number);
}

async function dismiss(number: number, model: ErasureModel, world: ErasingWorld): Promise<void> {
  const { kept } = model.person(number);
  const left = await world.rowsOf(number);
  if (![...(kept ?? [])].every((row) => left.has(row))) throw new Error('an owner was erased');
  await world.dismiss(number);
  model.dismissed(model.person(number));
}

const becomeOwner = (number: number): Command =>
  command(`${number} becomes an owner`, (model, world) => makeOwner(number, model, world));

const ceaseToOwn = (number: number): Command =>
  command(`${number} is an owner no more`, (model, world) => dismiss(number, model, world));

/**
 * @param whole or else the rest is cancelled when some of it is being erased
 * @param freely by then the owner is none any more
 */
const retryOwner = (owner: number, persons: readonly number[], whole: boolean, freely: boolean): Command =>
  command(
    `erase ${persons.join()} and the owner ${owner},${whole ? '' : ' cancel the rest,'} and try again${freely ? ' when they are none' : ''}`,
    async (model, world) => {
      await makeOwner(owner, model, world);
      const request = await send(model, world, [...persons, owner]);
      if (!whole) {
        await world.begun(request.id);
        await cancel(request, world);
      }
      await world.settle();
      if (freely) await dismiss(owner, model, world);
      await retry(model, request, world);
    },
    ({ paused }) => paused === null,
  );

const letTimePass = command('time passes', (_model, world) => world.letLeasesPass());

/** Everything is settled, and as it must be. */
export const settle = command('settle', async (model, world) => {
  if (model.paused !== null) await resume(model, world);
  await world.settle();
  const wrong = [...(await world.offences())];
  const reports = new Map(
    await Promise.all(model.requests.map(async ({ id }) => [id, await world.report(id)] as const)),
  );
  for (const [number, person] of model.persons.entries()) {
    const ended = person.requests.flatMap((request) =>
      model.placesOf(person, request).flatMap((place) => {
        const entry = reports.get(request.id)?.response[place];
        return entry ? [{ request, place, entry, status: entry.status }] : [];
      }),
    );
    const erased = ended.flatMap(({ entry }) => Object.values(entry.erased ?? {}));
    const rows = erased.reduce((sum, count) => sum + count, 0);
    wrong.push(...model.judge(number, await world.rowsOf(number), ended, rows));
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
});

function told(fault: Fault | null): string {
  return fault ? ` (${fault.what} at ${fault.at}#${fault.nth})` : '';
}

const anyone = fc.nat({ max: 5 });
const several = fc.array(anyone, { minLength: 1, maxLength: 6, size: 'max' });

/** Where a service gets when it accepts calls with keys and erases, and nothing else stands in its way. */
const onTheWay = faultPoints.filter(
  (at) => ['erasing', 'calling', 'calling once'].includes(situations[at]) && !at.startsWith('accept-alone:'),
);
const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.constantFrom(...onTheWay),
  nth: fc.integer({ min: 1, max: 2 }),
  what: fc.constantFrom('crash', 'stall', 'lose'),
});
/** Moments at which a worker holds a batch and no transaction: nothing but the fence keeps it from going on. */
export const unguarded = [
  'erase-chunk:after-commit',
  'probe-records:after-commit',
] as const satisfies readonly FaultPoint[];
const underFault = fc.tuple(several, fault).map(([persons, met]) => submit(persons, met));

const takenOver = fc
  .tuple(several, fc.constantFrom(...unguarded))
  .map(([persons, at]) => overtaken(persons, at));

/** More persons than are worked on at once. */
const everyone = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 5 });
const cancelled = fc.tuple(everyone, fc.boolean()).map(([persons, begun]) => cancelAmid(persons, begun));

/** Commands of a run: mostly calls that something happens to. */
export const commands = fc.commands(
  [
    ...Array.from({ length: 5 }, () => underFault),
    several.map((persons) => submit(persons, null)),
    takenOver,
    takenOver,
    anyone.map(submitAgain),
    anyone.map(write),
    anyone.map(becomeOwner),
    anyone.map(becomeOwner),
    anyone.map(ceaseToOwn),
    cancelled,
    cancelled,
    anyone.map((which) => toRequest('cancel', which, (request, _model, world) => cancel(request, world))),
    fc
      .tuple(anyone, several, fc.boolean())
      .map(([owner, persons, freely]) => retryOwner(owner, persons, true, freely)),
    fc
      .tuple(everyone, fc.boolean())
      .map(([[owner = 0, ...persons], freely]) => retryOwner(owner, persons, false, freely)),
    anyone.map((which) => toRequest('retry', which, (request, model, world) => retry(model, request, world))),
    several.map(pauseAmid),
    fc.constant(command('resume', resume, ({ paused }) => paused !== null)),
    fc.constant(letTimePass),
    fc.constant(settle),
  ],
  { maxCommands: 10, size: 'max' },
);
