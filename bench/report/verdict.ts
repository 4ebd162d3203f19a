import { type DetailedMeasure } from './measure.js';

/** Why the run can't be believed: sentences, none when it can. Without the group that checks the bench nothing is said. */
export function whyVoid(measures: readonly DetailedMeasure[]): readonly string[] {
  const reasons: string[] = [];
  const twins = measures.find(({ name }) => name === 'identical-pair');
  if (twins && !twins.ok)
    reasons.push(
      `two identical contestants came out at ${twins.ratio?.toFixed(2) ?? 'nothing'}, not at 1.00 ± 0.10`,
    );
  const control = measures.find(({ name }) => name === 'negative-control');
  if (control && !control.ok) reasons.push('the contestant that is known to be slow did not come out slow');
  return reasons;
}
