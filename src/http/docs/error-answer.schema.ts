import { type OpenAPIObject } from '@nestjs/swagger';
import { apiReasons } from '../../common/errors/api-error.js';

type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

/** The error envelope, as `answers/answer.ts` builds it. Routes refer to it as `#/components/schemas/ErrorAnswer`. */
export const errorAnswerSchema: Schema = {
  type: 'object',
  required: ['errors'],
  properties: {
    errors: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['msg', 'code'],
        properties: {
          msg: { type: 'string', description: 'A sentence for people' },
          code: { type: 'integer', description: 'The HTTP status; 4002 for tokens' },
          reason: { type: 'string', enum: [...apiReasons], description: 'Stable; new ones may be added' },
          details: {
            type: 'array',
            maxItems: 20,
            items: {
              type: 'object',
              required: ['field', 'problem', 'expected'],
              properties: {
                field: { type: 'string', description: 'The place, as in `userIds[3].channelId`' },
                problem: { type: 'string', description: 'The kind of thing that came, never its value' },
                expected: { type: 'string' },
              },
            },
          },
          more: { type: 'integer', minimum: 1, description: 'How many details were left out' },
          requestId: { type: 'string', description: 'With a 500 only: what to quote when reporting it' },
        },
      },
    },
  },
};
