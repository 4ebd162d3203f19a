import { type CheckReport } from './check/check-report.js';
import { type DemoCall, type ExpectedOutcome } from './demo-call.js';
import { type AnsweredEntry, type ErasureAnswer } from './demo-client.js';

/** What the demo holds the service to. Each list names what is wrong; all are empty when everything held. */
export interface Verdict {
  /** Entries that did not end as the sample says they must. */
  readonly outcomes: readonly string[];
  /** Tables in which the service counted other rows than the check. */
  readonly counts: readonly string[];
  /** Tables with rows of erased people. */
  readonly left: readonly string[];
  /** Tables in which rows of others changed. */
  readonly changed: readonly string[];
}

export function verdictOn(call: DemoCall, answer: ErasureAnswer, report: CheckReport): Verdict {
  return {
    outcomes: call.expected.flatMap((expected, i) => {
      const is = answer.response[i];
      if (is !== undefined && told(is) === told(expected)) return [];
      return [`userIds[${i}] ended ${is ? told(is) : 'nowhere'}, expected ${told(expected)}`];
    }),
    counts: report.tables.flatMap(({ name, expected }) => {
      const counted = answer.erased[`platform.${name}`] ?? 0;
      return counted === expected ? [] : [`${name}: the service counted ${counted}, the check ${expected}`];
    }),
    left: report.tables.flatMap(({ name, left }) => (left === 0 ? [] : [`${name}: ${left}`])),
    changed: report.tables.flatMap(({ name, lost, othersBefore, othersAfter }) =>
      lost === 0 && othersBefore.rows === othersAfter.rows && othersBefore.checksum === othersAfter.checksum
        ? []
        : [`${name}: ${othersBefore.rows} rows before, ${othersAfter.rows} after`],
    ),
  };
}

export function held(verdict: Verdict): boolean {
  return Object.values(verdict).every((problems: readonly string[]) => problems.length === 0);
}

function told({ status, reason, sameAs }: ExpectedOutcome | AnsweredEntry): string {
  return [status, reason, sameAs == null ? null : `sameAs ${sameAs}`]
    .filter((part) => part != null)
    .join(' ');
}
