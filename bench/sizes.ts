/** How large everything is. */
export interface Sizes {
  readonly name: 'full' | 'quick' | 'tiny';
  /** Of everything that takes turns. */
  readonly repetitions: number;
  /** Further rounds, of the identical pair alone: with few rounds two of the same may lie far apart by chance. */
  readonly pairRounds: number;
  readonly engine50: { readonly persons: number; readonly controlPatienceMs: number };
  /** Slices of 20 persons that the fast ones take in one run. */
  readonly engine5: { readonly slices: number };
  readonly accept: { readonly seconds: number };
  readonly firstDelete: { readonly persons: number };
  /** People who go at either pace, and the windows in which nobody does: about as long. */
  readonly neighbour: Readonly<
    Record<'gentle' | 'full', { readonly persons: number; readonly idleSeconds: number }>
  >;
  readonly workers: { readonly persons: number };
  /** Thousands of people. */
  readonly people: {
    readonly often: readonly number[];
    readonly seldom: number;
    readonly seldomRounds: number;
    readonly once: number | null;
  };
  readonly headline: { readonly persons: number; readonly rounds: number };
  readonly scalingTable: { readonly persons: number; readonly rows: readonly number[] };
}

export const sizes: Readonly<Record<Sizes['name'], Sizes>> = {
  /** Up to 40 minutes. */
  full: {
    name: 'full',
    repetitions: 7,
    pairRounds: 8,
    engine50: { persons: 800, controlPatienceMs: 1_000 },
    engine5: { slices: 100 },
    accept: { seconds: 2 },
    firstDelete: { persons: 100 },
    neighbour: { gentle: { persons: 160, idleSeconds: 11 }, full: { persons: 1_200, idleSeconds: 5 } },
    workers: { persons: 2_400 },
    people: { often: [1, 10], seldom: 100, seldomRounds: 1, once: 1_000 },
    headline: { persons: 110_000, rounds: 1 },
    scalingTable: { persons: 10_000, rows: [1_000_000, 5_000_000, 20_000_000] },
  },
  /** Under 5 minutes. */
  quick: {
    name: 'quick',
    repetitions: 3,
    pairRounds: 6,
    engine50: { persons: 400, controlPatienceMs: 1_000 },
    engine5: { slices: 40 },
    accept: { seconds: 1 },
    firstDelete: { persons: 8 },
    neighbour: { gentle: { persons: 60, idleSeconds: 4 }, full: { persons: 300, idleSeconds: 1 } },
    workers: { persons: 600 },
    people: { often: [1, 4], seldom: 8, seldomRounds: 1, once: null },
    headline: { persons: 3_000, rounds: 1 },
    scalingTable: { persons: 600, rows: [20_000, 320_000] },
  },
  /** For the bench's own tests, of some groups: shows that it works, and nothing else. */
  tiny: {
    name: 'tiny',
    repetitions: 1,
    pairRounds: 0,
    engine50: { persons: 20, controlPatienceMs: 500 },
    engine5: { slices: 1 },
    accept: { seconds: 0.5 },
    firstDelete: { persons: 3 },
    neighbour: { gentle: { persons: 20, idleSeconds: 0.5 }, full: { persons: 20, idleSeconds: 0.5 } },
    workers: { persons: 20 },
    people: { often: [1], seldom: 2, seldomRounds: 1, once: null },
    headline: { persons: 100, rounds: 1 },
    scalingTable: { persons: 20, rows: [1_000, 2_000] },
  },
};
