import { type DetailedMeasure } from './measure.js';

const [pair, slow] = ['identical-pair', 'negative-control'] as const;

/** What the bench asks of itself is no result. */
export function isCheck({ name }: DetailedMeasure): boolean {
  return name === pair || name === slow;
}

/** Why the run can't be believed: sentences, none when it can. Without the group that checks the bench nothing is said. */
export function whyVoid(measures: readonly DetailedMeasure[]): readonly string[] {
  const reasons: string[] = [];
  const twins = measures.find(({ name }) => name === pair);
  if (twins && !twins.ok)
    reasons.push(
      `two identical contestants came out at ${twins.ratio?.toFixed(2) ?? 'nothing'}, not at 1.00 ± 0.10`,
    );
  const control = measures.find(({ name }) => name === slow);
  if (control && !control.ok) reasons.push('the contestant that is known to be slow did not come out slow');
  return reasons;
}
