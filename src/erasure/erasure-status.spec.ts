import { describe, expect, it } from '@jest/globals';
import {
  isSettled,
  mayMove,
  type RequestStatus,
  rollUp,
  type SubjectStatus,
  subjectStatuses,
} from './erasure-status.js';

/** The rules of the roll-up once more, as a table read top down: any of `some` present, or nothing outside `only`. */
const rules: readonly { some?: SubjectStatus[]; only?: SubjectStatus[]; is: RequestStatus }[] = [
  { some: ['PENDING', 'IN_PROGRESS'], is: 'in-progress' },
  { only: ['SUCCESS', 'NOT_FOUND'], is: 'completed' },
  { some: ['SUCCESS', 'NOT_FOUND'], is: 'partial' },
  { some: ['FAILED', 'PROTECTED', 'AMBIGUOUS'], is: 'failed' },
  { is: 'cancelled' },
];

describe('roll-up', () => {
  const combinations = Array.from({ length: 2 ** subjectStatuses.length - 1 }, (_, n) =>
    subjectStatuses.filter((_status, bit) => ((n + 1) >> bit) & 1),
  );

  it('covers all combinations', () => {
    for (const present of combinations) {
      const rule = rules.find(
        ({ some, only }) =>
          (!some || some.some((s) => present.includes(s))) &&
          (!only || present.every((s) => only.includes(s))),
      );
      expect([present, rollUp(new Set(present))]).toEqual([present, rule?.is]);
    }
    expect(combinations).toHaveLength(255);
  });
});

describe('moves', () => {
  it('never leave a settled status', () => {
    for (const from of subjectStatuses.filter(isSettled))
      for (const to of subjectStatuses) expect(mayMove(from, to)).toBe(false);
  });

  it('reach SUCCESS from IN_PROGRESS alone: nothing is done because it was skipped', () => {
    expect(subjectStatuses.filter((from) => mayMove(from, 'SUCCESS'))).toEqual(['IN_PROGRESS']);
  });
});
