import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { ApiConflict } from '../conflict.decorator.js';
import { IDEMPOTENCY_HEADER, LONGEST_KEY } from './idempotent-call.js';

/** Documents that a route takes an `Idempotency-Key`, and its answer to one that came with another body. */
export function TakesIdempotencyKey(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: IDEMPOTENCY_HEADER,
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: LONGEST_KEY },
      description:
        'Any text of your own, one for each call. For 24 hours the same key and body get the first answer and make no second request.',
    }),
    ApiConflict({ IDEMPOTENCY_KEY_REUSED: 'the key came with another body within the last 24 hours' }),
  );
}
