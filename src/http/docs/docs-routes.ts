import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { apiErrorOfStatus } from '../answers/api-error-of.js';
import { openRoute } from '../open-routes.js';
import { buildOpenApiDocument, printOpenApiDocument } from './openapi-document.js';

/** Loads nothing but what this service serves, over plain HTTP too. Swagger UI writes style attributes by itself. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Absolute paths: the page is the same with and without a trailing slash. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Expunge: API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null });\n`;

const assets: Readonly<Record<string, { readonly type: string; read(): Promise<string> }>> = {
  'start.js': { type: 'text/javascript; charset=utf-8', read: () => Promise.resolve(START) },
  'swagger-ui.css': { type: 'text/css; charset=utf-8', read: () => swaggerUiFile('swagger-ui.css') },
  'swagger-ui-bundle.js': {
    type: 'text/javascript; charset=utf-8',
    read: () => swaggerUiFile('swagger-ui-bundle.js'),
  },
};

/** Adds `/openapi.json` and the reference page `/docs`. */
export function addDocsRoutes(app: NestFastifyApplication): void {
  const instance = app.getHttpAdapter().getInstance();
  let printed: string | undefined;

  instance.get('/openapi.json', openRoute, (_request, reply) => {
    printed ??= printOpenApiDocument(buildOpenApiDocument(app));
    return reply.type('application/json; charset=utf-8').send(printed);
  });

  instance.get('/docs', openRoute, (_request, reply) =>
    reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(PAGE),
  );

  instance.get<{ Params: { '*': string } }>('/docs/*', openRoute, async (request, reply) => {
    const name = request.params['*'];
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
    if (asset === undefined) throw apiErrorOfStatus(404);
    return reply.type(asset.type).send(await asset.read());
  });
}

/** Swagger UI comes with `@nestjs/swagger`; its files are found from there, wherever npm put them. */
async function swaggerUiFile(name: string): Promise<string> {
  const fromHere = createRequire(import.meta.url);
  const fromSwagger = createRequire(fromHere.resolve('@nestjs/swagger/package.json'));
  return readFile(join(dirname(fromSwagger.resolve('swagger-ui-dist/package.json')), name), 'utf8');
}
