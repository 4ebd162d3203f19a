import { type FaultPoint, watchFaultPoints } from '../../src/config/fault-points.js';

/**
 * Does something at the moment when a service of this process gets there for the `nth` time; the service waits for it.
 * @returns resolves when it has been done
 */
export function atFaultPoint<T>(at: FaultPoint, happen: () => Promise<T>, nth = 1): Promise<T> {
  let left = nth;
  return new Promise((resolve, reject) => {
    watchFaultPoints(async (reached) => {
      if (reached !== at) return;
      left -= 1;
      if (left > 0) return;
      watchFaultPoints(null);
      await happen().then(resolve, reject);
    });
  });
}
