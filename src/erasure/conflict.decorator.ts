import { ApiConflictResponse } from '@nestjs/swagger';
import { type ApiReason } from '../common/errors/api-error.js';

/** Documents the 409 of a route: the stable words that its `reason` may be, each with what it means. */
export function ApiConflict(meanings: Partial<Record<ApiReason, string>>): MethodDecorator {
  const lines = Object.entries(meanings).map(([reason, meaning]) => `\`${reason}\`: ${meaning}`);
  return ApiConflictResponse({
    description: lines.join('; '),
    schema: { $ref: '#/components/schemas/ErrorAnswer' },
  });
}
