import { type ApiError, type ApiErrorDetail, invalidArguments } from '../../common/errors/api-error.js';
import { describeKind } from '../../common/describe-kind.js';
import { type TextProblem } from './text-problem.js';

/** Collects what is wrong with a call. */
export class FieldProblems {
  private readonly details: ApiErrorDetail[] = [];

  /** @param whole the place that all others are in: the body, or `line 1` of it */
  constructor(private readonly whole = 'body') {}

  private get prefix(): string {
    return this.whole === 'body' ? '' : `${this.whole}.`;
  }

  get none(): boolean {
    return this.details.length === 0;
  }

  /** @param field the place (`userIds[3].channelId`; `body` for the whole); @param problem the kind of thing that came, never the value */
  add(field: string, problem: string, expected: string): void {
    this.details.push({ field: field === 'body' ? this.whole : `${this.prefix}${field}`, problem, expected });
  }

  addText(field: string, value: string, found: TextProblem | null): void {
    if (found) this.add(field, found.problem ?? describeKind(value), found.expected);
  }

  error(): ApiError {
    return invalidArguments(this.details);
  }
}
