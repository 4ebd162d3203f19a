import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import { invalidArguments } from '../../common/errors/api-error.js';
import { describeKind } from '../../common/describe-kind.js';
import { detailsOf } from './details-of.js';

/**
 * The one pipe over all controllers. What does not fit its DTO is a 412 that names the place, the kind of thing that came
 * and what was expected; a body field that the DTO doesn't know is refused by name.
 */
class BodyValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      validationError: { target: false, value: true },
      exceptionFactory: (errors) => invalidArguments(detailsOf(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && metadata.data === undefined && !isObject(value))
      throw invalidArguments([{ field: 'body', problem: describeKind(value), expected: 'a JSON object' }]);
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

/** The pipe that `createHttpApp` puts over every route. */
export function validationPipe(): ValidationPipe {
  return new BodyValidationPipe();
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
