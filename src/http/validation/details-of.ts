import { type ValidationError } from '@nestjs/common';
import { describeKind } from '../../common/describe-kind.js';
import { type ApiErrorDetail } from '../../common/errors/api-error.js';

const UNKNOWN_FIELD = 'whitelistValidation';
const NAME = /^[A-Za-z_$][\w$-]{0,39}$/;

/** class-validator's errors as details of the wire contract: places, kinds and expectations, never a value. */
export function detailsOf(errors: readonly ValidationError[]): ApiErrorDetail[] {
  return detailsWithin(errors, (property) => nameOf(property));
}

function detailsWithin(
  errors: readonly ValidationError[],
  placeOf: (property: string) => string,
): ApiErrorDetail[] {
  return errors.flatMap((error) => {
    const field = placeOf(error.property);
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) =>
      constraint === UNKNOWN_FIELD
        ? { field, problem: 'a field that is not known here', expected: 'nothing of this name' }
        : { field, problem: describeKind(error.value), expected: expectation(message, error.property) },
    );
    const within = Array.isArray(error.value)
      ? (index: string) => `${field}[${index}]`
      : (name: string) => `${field}.${nameOf(name)}`;
    return [...own, ...detailsWithin(error.children ?? [], within)];
  });
}

/** A name that could hardly be meant as one (an address, a number) is not repeated. */
function nameOf(property: string): string {
  return NAME.test(property) ? property : '(a name of another kind)';
}

/** `limit must be an integer number` → `an integer number`. */
function expectation(message: string, property: string): string {
  const prefix = `${property} must be `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}
