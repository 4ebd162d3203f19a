import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { AppModule } from '../../../src/app.module.js';
import { describeApi } from '../../../src/http/docs/describe-api.js';
import { printOpenApiDocument } from '../../../src/http/docs/openapi-document.js';
import { testSettings } from '../../support/settings.js';

it('openapi.json is what the controllers declare (else run:  npm run openapi)', async () => {
  const committed = await readFile(new URL('../../../openapi.json', import.meta.url), 'utf8').catch(() => '');
  const declared = printOpenApiDocument(await describeApi(AppModule.forRole(testSettings({ role: 'api' }))));
  expect({ 'openapi.json, made by npm run openapi': committed.trim() }).toEqual({
    'openapi.json, made by npm run openapi': declared,
  });
});
