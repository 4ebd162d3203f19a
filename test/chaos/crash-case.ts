import { type FaultPoint, faultPoints } from '../../src/config/fault-points.js';

/** What is going on when the service crashes. */
export type Situation =
  /** Three people are planned and erased. */
  | 'erasing'
  /** More people, of whom more rows are overwritten than one transaction may forget. */
  | 'much overwritten'
  /** The service that crashes is the one that is called. */
  | 'calling'
  /** The same with a call that is to be recognised when it is sent again. */
  | 'calling once'
  /** The same with a bulk call. */
  | 'uploading'
  /** The service that crashes is the one that is asked to cancel. */
  | 'cancelling'
  /** The service that crashes is the one that is asked to try again. */
  | 'retrying'
  /** The service that crashes is the one that is asked to pause and to resume. */
  | 'braking'
  /** The request's row was changed by hand. */
  | 'tampered'
  /** The rows of one person can't be erased: a trigger raises. */
  | 'poisoned'
  /** Somebody else holds a row of one person. */
  | 'locked'
  /** Somebody else holds the table that planning writes to. */
  | 'planning blocked'
  /** All batches are settled, the request is not. */
  | 'not rolled up'
  /** The platform has a table that nobody classified. */
  | 'drifted'
  /** The same, until the service has seen it. */
  | 'drifted for a while';

/** In what situation each point is reached. */
export const situations: Readonly<Record<FaultPoint, Situation>> = {
  'accept-alone:before-commit': 'calling',
  'accept-alone:after-commit': 'calling',
  'accept:before-commit': 'calling once',
  'accept:after-commit': 'calling once',
  'accept:announced': 'calling',
  'cancel:before-commit': 'cancelling',
  'cancel:after-commit': 'cancelling',
  'retry:before-commit': 'retrying',
  'retry:after-commit': 'retrying',
  'change-step:before-commit': 'cancelling',
  'change-step:after-commit': 'retrying',
  'pause:before-commit': 'braking',
  'pause:after-commit': 'braking',
  'resume:before-commit': 'braking',
  'resume:after-commit': 'braking',
  'upload:before-commit': 'uploading',
  'upload:after-commit': 'uploading',
  'complete-upload:before-commit': 'uploading',
  'complete-upload:after-commit': 'uploading',
  'wake-up:taken': 'calling',
  'wake-up:passed-on': 'calling',
  'claim-planning:before-commit': 'erasing',
  'claim-planning:after-commit': 'erasing',
  'judge-page:before-commit': 'erasing',
  'judge-page:after-commit': 'erasing',
  'plan-page:before-commit': 'erasing',
  'plan-page:after-commit': 'erasing',
  'finish-planning:before-commit': 'erasing',
  'finish-planning:after-commit': 'erasing',
  'finish-planning:announced': 'erasing',
  'refuse-planning:before-commit': 'tampered',
  'refuse-planning:after-commit': 'tampered',
  'planning:released': 'planning blocked',
  'claim-batch:before-commit': 'erasing',
  'claim-batch:after-commit': 'erasing',
  'erase-chunk:before-commit': 'erasing',
  'erase-chunk:after-commit': 'erasing',
  'erase-chunk:between-collections': 'erasing',
  'records:erased': 'erasing',
  'probe-records:before-commit': 'erasing',
  'probe-records:after-commit': 'erasing',
  'directory:held': 'erasing',
  'directory:erased': 'erasing',
  'erase-directory:before-commit': 'erasing',
  'erase-directory:after-commit': 'erasing',
  'settle-persons:before-commit': 'poisoned',
  'settle-persons:after-commit': 'poisoned',
  'sign-of-life:before-commit': 'locked',
  'sign-of-life:after-commit': 'locked',
  'batch:released': 'locked',
  'forget-notes:before-commit': 'much overwritten',
  'forget-notes:after-commit': 'much overwritten',
  'finish-batch:settled': 'erasing',
  'finish-batch:before-commit': 'erasing',
  'finish-batch:after-commit': 'erasing',
  'sweep:begun': 'erasing',
  'look-after-workers:before-commit': 'erasing',
  'look-after-workers:after-commit': 'erasing',
  'sweep-roll-up:before-commit': 'not rolled up',
  'sweep-roll-up:after-commit': 'not rolled up',
  'mark-drift:before-commit': 'drifted',
  'mark-drift:after-commit': 'drifted',
  'unmark-drift:before-commit': 'drifted for a while',
  'unmark-drift:after-commit': 'drifted for a while',
  'forget-tokens:before-commit': 'erasing',
  'forget-tokens:after-commit': 'erasing',
  'forget-keys:before-commit': 'erasing',
  'forget-keys:after-commit': 'erasing',
  'forget-requests:before-commit': 'erasing',
  'forget-requests:after-commit': 'erasing',
  'watch-reclaim:before-commit': 'erasing',
  'watch-reclaim:after-commit': 'erasing',
};

/** Reached again and again while one request is worked on: a crash at more than the first time. */
const furtherTimes: Partial<Record<FaultPoint, readonly number[]>> = {
  // The page after the head.
  'upload:before-commit': [2],
  'upload:after-commit': [2],
  'change-step:before-commit': [2],
  'change-step:after-commit': [2],
  'erase-chunk:before-commit': [2, 5],
  // Rows of another collection are gone each time.
  'erase-chunk:after-commit': [2, 3, 4, 5, 6, 7],
};

export interface CrashCase {
  readonly at: FaultPoint;
  readonly nth: number;
  readonly situation: Situation;
  readonly queue: 'bull' | 'in-process';
  /** Each stage of a group is a transaction of its own, as it is where the one before took its time. */
  readonly stagesApart: boolean;
}

/** Reached only where each stage of a group is a transaction of its own. */
const apartOnly = /^(probe-records|erase-directory):/;
/** Reached both there and where one transaction goes through all of them. */
const bothWays = /^(records|directory):/;

function waysTo(at: FaultPoint): readonly boolean[] {
  if (apartOnly.test(at)) return [true];
  return bothWays.test(at) ? [false, true] : [false];
}

/** Every fault point there is, with both queues. */
export const crashCases: readonly CrashCase[] = faultPoints.flatMap((at) =>
  [1, ...(furtherTimes[at] ?? [])].flatMap((nth) =>
    waysTo(at).flatMap((stagesApart) =>
      (['bull', 'in-process'] as const).map((queue) => ({
        at,
        nth,
        situation: situations[at],
        queue,
        stagesApart,
      })),
    ),
  ),
);
