import { type ErasureStatusDto } from '../../../src/erasure/intake/status.dto.js';
import { type SubjectDto } from '../../../src/erasure/intake/subject.dto.js';
import { type ErasingWorld } from './erasing-world.js';
import { type ErasureModel, type ModelRequest } from './erasure-model.js';

/** Exactly what is PENDING is cancelled, also while work rests; what had ended is not there to be cancelled. */
export async function cancel(request: ModelRequest, world: ErasingWorld): Promise<void> {
  const { status, body, lost } = await world.change<ErasureStatusDto & { cancelled: number }>(
    request.id,
    'cancel',
  );
  const report = status === 200 ? body : await world.report(request.id);
  const places = placesWhere(report, ({ status: is }) => is === 'CANCELLED');
  const now = places.filter((place) => !request.cancelled.has(place));
  if (status === 409 && report.status === 'in-progress') throw new Error('not settled and not cancelled');
  if (report.response.some(({ status: is }) => is === 'PENDING')) throw new Error('not cancelled: PENDING');
  if (!lost && now.length !== (status === 200 ? body.cancelled : 0))
    throw new Error(`${now.length} entries cancelled, not as told`);
  for (const place of now) request.cancelled.add(place);
}

/** Who was not erased is judged again in a new round, once the one before has ended; how that one ended is kept. */
export async function retry(model: ErasureModel, request: ModelRequest, world: ErasingWorld): Promise<void> {
  const before = await world.report(request.id);
  const { status, body, lost } = await world.change<Retried>(request.id, 'retry');
  const after = await world.report(request.id);
  for (const [place, { attempts = [] }] of before.response.entries()) {
    const still = after.response[place]?.attempts?.slice(0, attempts.length) ?? [];
    if (JSON.stringify(still) !== JSON.stringify(attempts))
      throw new Error(`attempts of entry ${place} were not kept`);
  }
  // Of a round that ended meanwhile, or was opened by a call whose answer was lost, no more can be said.
  if (lost || before.status === 'in-progress') return;
  const again = placesWhere(before, (entry) => isRetried(entry));
  if (status !== (again.length > 0 ? 200 : 409)) throw new Error(`retry of ${again.length} is ${status}`);
  if (status !== 200) return;
  if (body.round !== before.round + 1 || body.retried !== again.length) throw new Error('another round');
  for (const [place, entry] of before.response.entries()) {
    const kept = (entry.attempts ?? []).length + (again.includes(place) ? 1 : 0);
    const last = again.includes(place) ? after.response[place]?.attempts?.[kept - 1] : undefined;
    if (again.includes(place) && (last?.status !== entry.status || last.round !== before.round))
      throw new Error(`how entry ${place} ended was not kept`);
  }
  model.retried(request, again);
}

/** Nothing is erased while all work rests. */
export async function pause(model: ErasureModel, world: ErasingWorld): Promise<void> {
  await world.brake('pause');
  await world.rest();
  model.paused = await world.rowsErased();
  // Whoever did not look at the brake has time to go on.
  await world.letLeasesPass();
}

export async function resume(model: ErasureModel, world: ErasingWorld): Promise<void> {
  for (const { id } of model.requests) {
    const report = await world.report(id);
    if (report.status === 'in-progress' && !report.paused) throw new Error('paused, and nobody says so');
  }
  const rows = await world.rowsErased();
  if (rows !== model.paused) throw new Error(`${rows - (model.paused ?? 0)} rows erased under a pause`);
  await world.brake('resume');
  model.paused = null;
}

interface Retried {
  readonly round: number;
  readonly retried: number;
}

/** As the contract has it, whatever the code says. */
function isRetried({ status }: SubjectDto): boolean {
  return ['FAILED', 'PROTECTED', 'AMBIGUOUS'].includes(status);
}

function placesWhere(report: ErasureStatusDto, fits: (entry: SubjectDto) => boolean): readonly number[] {
  return report.response.flatMap((entry, place) => (fits(entry) ? [place] : []));
}
