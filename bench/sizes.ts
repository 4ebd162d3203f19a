/** How large everything is. */
export interface Sizes {
  readonly name: 'full' | 'quick' | 'tiny';
  /** Of everything that takes turns. */
  readonly repetitions: number;
  /** Further rounds for the identical pair, which by chance may lie too far apart. */
  readonly extraRounds: number;
  readonly engine50: { readonly persons: number; readonly controlPatienceMs: number };
  /** Slices of 50 persons that the fast ones take in one run. */
  readonly engine5: { readonly slices: number };
}

export const sizes: Readonly<Record<Sizes['name'], Sizes>> = {
  /** Up to 40 minutes. */
  full: {
    name: 'full',
    repetitions: 7,
    extraRounds: 4,
    engine50: { persons: 2_000, controlPatienceMs: 8_000 },
    engine5: { slices: 80 },
  },
  /** Under 5 minutes. */
  quick: {
    name: 'quick',
    repetitions: 3,
    extraRounds: 2,
    engine50: { persons: 600, controlPatienceMs: 3_000 },
    engine5: { slices: 20 },
  },
  /** For the bench's own tests: shows that it works, and nothing else. */
  tiny: {
    name: 'tiny',
    repetitions: 1,
    extraRounds: 0,
    engine50: { persons: 20, controlPatienceMs: 500 },
    engine5: { slices: 1 },
  },
};
