/** The transactions of the job. Each has two fault points: the last moment before its commit, and the first after it. */
export const boundaries = [
  'accept',
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
  'finish-batch',
  'sweep-roll-up',
  'mark-drift',
  'unmark-drift',
  'forget-tokens',
  'forget-keys',
  'forget-requests',
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

/** What happens when `at` is reached for the `nth` time, counted from 1. */
export interface Fault {
  readonly at: FaultPoint;
  readonly nth: number;
  readonly happen: () => Promise<void>;
}

/** null: none, as always but in tests. */
let armed: Map<FaultPoint, Fault[]> | null = null;

/** Lets faults happen in this process from now on, instead of those before; an empty list switches them off. */
export function armFaults(faults: readonly Fault[]): void {
  armed = faults.length === 0 ? null : new Map();
  for (const fault of faults) armed?.set(fault.at, [...(armed.get(fault.at) ?? []), fault]);
}

/** A named moment of the job. Costs nothing unless a test has armed faults. */
export function reachFaultPoint(at: FaultPoint): Promise<void> | undefined {
  return armed === null ? undefined : reach(armed, at);
}

async function reach(faults: Map<FaultPoint, Fault[]>, at: FaultPoint): Promise<void> {
  const here = faults.get(at) ?? [];
  faults.set(
    at,
    here.flatMap((fault) => (fault.nth > 1 ? [{ ...fault, nth: fault.nth - 1 }] : [])),
  );
  for (const fault of here) if (fault.nth === 1) await fault.happen();
}
