/** The middle value; of an even number the mean of the two in the middle. @throws Error when there is none */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between neighbours. @param q from 0 to 1 @throws Error when there are no values */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * An interval that holds the true median with at least 95 %, whatever the values are distributed like: the narrowest pair of
 * order statistics that does. Of fewer than six values none does: then the smallest and the largest.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) throw new Error('no values');
  const sorted = values.toSorted((a, b) => a - b);
  let outer = 0;
  while (outer + 1 < sorted.length / 2 && coverage(sorted.length, outer + 1) >= 0.95) outer += 1;
  return [sorted[outer] ?? NaN, sorted[sorted.length - 1 - outer] ?? NaN];
}

/** Slope of the straight line, by least squares, through the logarithms of both. 1: twice the size takes twice as long. */
export function logSlope(points: readonly (readonly [size: number, time: number])[]): number {
  const logs = points.map(([size, time]) => [Math.log(size), Math.log(time)] as const);
  const meanX = mean(logs.map(([x]) => x));
  const meanY = mean(logs.map(([, y]) => y));
  const covariance = mean(logs.map(([x, y]) => (x - meanX) * (y - meanY)));
  return covariance / mean(logs.map(([x]) => (x - meanX) ** 2));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Probability that the median lies between the order statistics `outer` from below and from above (0: the extremes). */
function coverage(count: number, outer: number): number {
  let tail = 0;
  for (let below = 0; below <= outer; below += 1) tail += choose(count, below) / 2 ** count;
  return 1 - 2 * tail;
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i += 1) result = (result * (n - k + i)) / i;
  return result;
}
