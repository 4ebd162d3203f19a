/** One line of the result. The JSON form of `npm run bench -- --json` holds exactly these fields. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, in the same unit; null where it is measured by itself. */
  readonly reference: number | null;
  /** Of `value` to `reference`, taken within each repetition; null without a reference. */
  readonly ratio: number | null;
  /** null: reported, nothing to reach. */
  readonly target: number | null;
  readonly better: 'higher' | 'lower';
  readonly ok: boolean;
}

/** A measure with what people want to know besides: in results.json and results.md. */
export interface DetailedMeasure extends Measure {
  /** Sizes and circumstances, in one line. */
  readonly about: string;
  /** Smaller than the full size: an indication, not the result. */
  readonly small: boolean;
  readonly repetitions: number;
  /** Where more is not better without end: what is held against the target must not lie above this either. */
  readonly atMost: number | null;
  /** Of what is held against the target: the ratio, or the value where there is no reference. */
  readonly interval: readonly [number, number] | null;
  /** Further readings, by name with unit: `wal MB`, `longest transaction ms`, … */
  readonly readings: Readonly<Record<string, number>>;
  /** Size and seconds, of what was measured at several sizes. */
  readonly points: readonly (readonly [number, number])[];
}

type Optional = 'repetitions' | 'atMost' | 'interval' | 'readings' | 'points';
type Given = Omit<DetailedMeasure, 'ok' | Optional> & Partial<Pick<DetailedMeasure, Optional>>;

/**
 * Judges a measure: its ratio, or its value where it has no reference, against its target, and against `atMost`.
 *
 * @param right whether every timed run did what it should; a wrong run scores 0 however fast it was
 */
export function measure(given: Given, right = true): DetailedMeasure {
  const whole = { repetitions: 1, atMost: null, interval: null, readings: {}, points: [], ...given };
  if (!right) return { ...whole, value: 0, ratio: given.reference === null ? null : 0, ok: false };
  const held = given.ratio ?? given.value;
  const within = whole.atMost === null || held <= whole.atMost;
  return { ...whole, ok: given.target === null || (within && reaches(held, given.target, given.better)) };
}

/** Just the fields of the JSON form, in its order. */
export function plain({ name, value, unit, reference, ratio, target, better, ok }: DetailedMeasure): Measure {
  return { name, value, unit, reference, ratio, target, better, ok };
}

function reaches(held: number, target: number, better: Measure['better']): boolean {
  if (!Number.isFinite(held)) return false;
  return better === 'higher' ? held >= target : held <= target;
}
