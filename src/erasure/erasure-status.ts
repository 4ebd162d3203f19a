import { protectionReasons } from '../protection/protection-policy.js';

/** What became of one entry. */
export const subjectStatuses = [
  'PENDING',
  'IN_PROGRESS',
  'SUCCESS',
  'NOT_FOUND',
  'AMBIGUOUS',
  'PROTECTED',
  'FAILED',
  'CANCELLED',
] as const;
export type SubjectStatus = (typeof subjectStatuses)[number];

/** What became of a request as a whole. */
export const requestStatuses = ['in-progress', 'completed', 'partial', 'failed', 'cancelled'] as const;
export type RequestStatus = (typeof requestStatuses)[number];

/**
 * What a request's row may be besides, and what no route shows and nothing works on: one whose entries are still arriving,
 * and one whose rows are being removed.
 */
export const hiddenStatuses = ['uploading', 'forgotten'] as const;
export type HiddenStatus = (typeof hiddenStatuses)[number];

/** Why an entry ended, or waits, as it does. Stable: clients branch on it. Of several the first in this order is told. */
export const subjectReasons = [
  ...protectionReasons,
  'MATCHES_SEVERAL_USERS',
  'TOO_MANY_READINGS',
  'SHARED_IDENTITY',
  'SHARED_WITH_OTHERS',
  'NOT_IN_DIRECTORY',
  'STORE_UNREACHABLE',
  'STORE_REFUSED',
  'DATA_REMAINS',
  'INTEGRITY',
  'DATA_MAP_DRIFT',
] as const;
export type SubjectReason = (typeof subjectReasons)[number];

const moves: Readonly<Record<SubjectStatus, readonly SubjectStatus[]>> = {
  PENDING: ['IN_PROGRESS', 'NOT_FOUND', 'AMBIGUOUS', 'PROTECTED', 'FAILED', 'CANCELLED'],
  IN_PROGRESS: ['SUCCESS', 'FAILED', 'PROTECTED'],
  SUCCESS: [],
  NOT_FOUND: [],
  AMBIGUOUS: [],
  PROTECTED: [],
  FAILED: [],
  CANCELLED: [],
};

/** Whether a subject may go from one status to another within a round. States only move forward. */
export function mayMove(from: SubjectStatus, to: SubjectStatus): boolean {
  return moves[from].includes(to);
}

/** The statuses from which `to` may be reached: the guard of every UPDATE that sets it. */
export function statusesBefore(to: SubjectStatus): readonly SubjectStatus[] {
  return subjectStatuses.filter((from) => mayMove(from, to));
}

/** Who is judged again in a new round. */
export const retriedStatuses = [
  'FAILED',
  'PROTECTED',
  'AMBIGUOUS',
] as const satisfies readonly SubjectStatus[];

/** A subject that ended: nothing will happen to it in this round. */
export function isSettled(status: SubjectStatus): boolean {
  return moves[status].length === 0;
}

/** The status of a request whose subjects have these statuses: the first rule that fits. */
export function rollUp(present: ReadonlySet<SubjectStatus>): RequestStatus {
  const has = (...statuses: SubjectStatus[]): boolean => statuses.some((status) => present.has(status));
  if (has('PENDING', 'IN_PROGRESS')) return 'in-progress';
  if (!has('AMBIGUOUS', 'PROTECTED', 'FAILED', 'CANCELLED')) return 'completed';
  if (has('SUCCESS', 'NOT_FOUND')) return 'partial';
  if (has('FAILED', 'PROTECTED', 'AMBIGUOUS')) return 'failed';
  return 'cancelled';
}
