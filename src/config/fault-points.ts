/** The transactions of the job. Each has two fault points: the last moment before its commit, and the first after it. */
export const boundaries = [
  'accept',
  'accept-alone',
  'upload',
  'complete-upload',
  'cancel',
  'retry',
  'change-step',
  'pause',
  'resume',
  'claim-planning',
  'judge-page',
  'plan-page',
  'finish-planning',
  'refuse-planning',
  'claim-batch',
  'erase-chunk',
  'probe-records',
  'erase-directory',
  'settle-persons',
  'sign-of-life',
  'forget-notes',
  'finish-batch',
  'look-after-workers',
  'sweep-roll-up',
  'mark-drift',
  'unmark-drift',
  'forget-tokens',
  'forget-keys',
  'forget-requests',
  'watch-reclaim',
] as const;
export type Boundary = (typeof boundaries)[number];

/** Moments between transactions, or inside one, at which it matters that nothing depends on going on. */
export const moments = [
  'accept:announced',
  'finish-planning:announced',
  'wake-up:taken',
  'wake-up:passed-on',
  'erase-chunk:between-collections',
  'records:erased',
  'directory:held',
  'directory:erased',
  'finish-batch:settled',
  'planning:released',
  'batch:released',
  'sweep:begun',
] as const;

/** Where a test can let this process die, stand still or lose its connection. */
export type FaultPoint = `${Boundary}:before-commit` | `${Boundary}:after-commit` | (typeof moments)[number];

export const faultPoints: readonly FaultPoint[] = [
  ...boundaries.flatMap((boundary) => [`${boundary}:before-commit`, `${boundary}:after-commit`] as const),
  ...moments,
];

/** Told of every fault point that is reached; until it returns, the process does not go on there. */
export type FaultWatcher = (at: FaultPoint) => Promise<void>;

/** null: nobody watches, as always but in tests. */
let watcher: FaultWatcher | null = null;

/** From now on this one is told of every fault point in this process, instead of the one before; null: nobody. */
export function watchFaultPoints(next: FaultWatcher | null): void {
  watcher = next;
}

/** A named moment of the job. Costs nothing unless a test watches. */
export function reachFaultPoint(at: FaultPoint): Promise<void> | undefined {
  return watcher?.(at);
}
