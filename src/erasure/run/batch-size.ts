import { type Settings } from '../../config/settings.js';

/** A batch costs the same statements however few persons are in it. */
const LEAST_PERSONS = 100;

/**
 * Persons in one batch of a request: as many batches as all that a worker does at once has an equal share in, since the last
 * one to end is whom the request waits for.
 *
 * @param total entries of the request, of whom nobody knows yet how many persons they mean
 */
export function batchSize(
  total: number,
  { batchPersons, workerConcurrency }: Pick<Settings, 'batchPersons' | 'workerConcurrency'>,
): number {
  const rounds = Math.ceil(total / (batchPersons * workerConcurrency));
  const even = Math.ceil(total / (rounds * workerConcurrency));
  return Math.min(batchPersons, Math.max(LEAST_PERSONS, even));
}
