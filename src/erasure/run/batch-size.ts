import { type Settings } from '../../config/settings.js';

/** A batch costs the same statements however few persons are in it. */
const LEAST_PERSONS = 100;

/**
 * Persons in one batch of a request: few enough that all that a worker does at once has a share in it.
 *
 * @param total entries of the request, of whom nobody knows yet how many persons they mean
 */
export function batchSize(
  total: number,
  { batchPersons, workerConcurrency }: Pick<Settings, 'batchPersons' | 'workerConcurrency'>,
): number {
  return Math.min(batchPersons, Math.max(LEAST_PERSONS, Math.ceil(total / workerConcurrency)));
}
