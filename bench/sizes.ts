/** How large everything is. */
export interface Sizes {
  readonly name: 'full' | 'quick' | 'tiny';
  /** How long everything may take, also on a slow machine: what can be measured less often is, when time is short. */
  readonly seconds: number;
  /** Of everything that takes turns. */
  readonly repetitions: number;
  /** Further rounds, of the identical pair alone: with few rounds two of the same may lie far apart by chance. */
  readonly pairRounds: number;
  readonly engine50: { readonly persons: number; readonly controlPatienceMs: number };
  /** Slices of 10 persons that the fast ones take in one run, and by how many times the loops take more than they must. */
  readonly engine5: { readonly slices: number; readonly loops: number };
  /** Of one run of each, and of what comes before the first that counts. */
  readonly accept: { readonly seconds: number; readonly warmUpSeconds: number };
  readonly firstDelete: { readonly persons: number };
  /** People who go at either pace, and the windows in which nobody does: about as long. */
  readonly neighbour: Readonly<
    Record<'gentle' | 'full', { readonly persons: number; readonly idleSeconds: number }>
  >;
  readonly workers: { readonly persons: number };
  /** Thousands of people, and how often so many go: at least, and at most if there is time. In this order. */
  readonly people: readonly {
    readonly thousands: number;
    readonly least: number;
    readonly most: number;
  }[];
  readonly headline: { readonly persons: number; readonly rounds: number };
  readonly scalingTable: { readonly persons: number; readonly rows: readonly number[] };
}

export const sizes: Readonly<Record<Sizes['name'], Sizes>> = {
  /** Up to 40 minutes. */
  full: {
    name: 'full',
    seconds: 39 * 60,
    repetitions: 7,
    pairRounds: 8,
    engine50: { persons: 800, controlPatienceMs: 1_000 },
    engine5: { slices: 160, loops: 2 },
    accept: { seconds: 2, warmUpSeconds: 12 },
    firstDelete: { persons: 70 },
    neighbour: { gentle: { persons: 120, idleSeconds: 9 }, full: { persons: 1_200, idleSeconds: 5 } },
    workers: { persons: 2_000 },
    people: [
      { thousands: 1, least: 7, most: 7 },
      { thousands: 10, least: 7, most: 7 },
      { thousands: 1_000, least: 1, most: 1 },
      { thousands: 100, least: 1, most: 5 },
    ],
    headline: { persons: 110_000, rounds: 1 },
    scalingTable: { persons: 10_000, rows: [1_000_000, 5_000_000, 20_000_000] },
  },
  /** Under 5 minutes. */
  quick: {
    name: 'quick',
    seconds: 280,
    repetitions: 3,
    pairRounds: 11,
    engine50: { persons: 400, controlPatienceMs: 800 },
    engine5: { slices: 40, loops: 1 },
    accept: { seconds: 0.7, warmUpSeconds: 4.7 },
    firstDelete: { persons: 8 },
    neighbour: { gentle: { persons: 30, idleSeconds: 3 }, full: { persons: 300, idleSeconds: 1 } },
    workers: { persons: 400 },
    people: [
      { thousands: 1, least: 3, most: 3 },
      { thousands: 10, least: 1, most: 3 },
      { thousands: 100, least: 0, most: 1 },
    ],
    headline: { persons: 2_000, rounds: 1 },
    scalingTable: { persons: 400, rows: [16_000, 240_000] },
  },
  /** For the bench's own tests, of some groups: shows that it works, and nothing else. */
  tiny: {
    name: 'tiny',
    seconds: 60,
    repetitions: 1,
    pairRounds: 0,
    engine50: { persons: 20, controlPatienceMs: 500 },
    engine5: { slices: 1, loops: 1 },
    accept: { seconds: 0.5, warmUpSeconds: 1 },
    firstDelete: { persons: 3 },
    neighbour: { gentle: { persons: 20, idleSeconds: 0.5 }, full: { persons: 20, idleSeconds: 0.5 } },
    workers: { persons: 20 },
    people: [
      { thousands: 1, least: 1, most: 1 },
      { thousands: 2, least: 0, most: 1 },
    ],
    headline: { persons: 100, rounds: 1 },
    scalingTable: { persons: 20, rows: [1_000, 2_000] },
  },
};
