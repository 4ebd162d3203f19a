import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { securitySchemes } from '../../auth/requires-scope.decorator.js';
import { errorAnswerSchema } from './error-answer.schema.js';

const DESCRIPTION = `Erases users' data from a conversational-bot platform and proves that it did.

Every answer carries \`x-request-id\`. Every error has the body \`ErrorAnswer\`; clients branch on its \`reason\`.
\`POST\` with the header \`x-http-method-override: DELETE\` is the same as \`DELETE\`; so with \`PUT\` and \`PATCH\`.`;

/** The OpenAPI 3.1 description of an application's controllers. Needs no database and no started application. */
export function buildOpenApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('Expunge')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0');
  for (const [name, scheme] of Object.entries(securitySchemes)) builder.addSecurity(name, scheme);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
  });
  for (const operation of operationsOf(document)) operation.responses['default'] ??= anyError;
  return {
    ...document,
    components: {
      ...document.components,
      schemas: { ...document.components?.schemas, ErrorAnswer: errorAnswerSchema },
    },
  };
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>;

const anyError: NonNullable<Operation['responses'][string]> = {
  description: 'Any error: what is wrong stands in `reason` and `details`.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorAnswer' } } },
};

function operationsOf(document: OpenAPIObject): readonly Operation[] {
  return Object.values(document.paths)
    .flatMap(({ get, post, put, patch, delete: remove }) => [get, post, put, patch, remove])
    .filter((operation) => operation !== undefined);
}

/** As it is printed, served and committed. */
export function printOpenApiDocument(document: OpenAPIObject): string {
  return JSON.stringify(document, null, 2);
}
