import { type DynamicModule, type NestApplicationOptions, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type OpenAPIObject } from '@nestjs/swagger';
import { buildOpenApiDocument } from './openapi-document.js';

/** In a preview Nest makes no provider: nothing connects, nothing starts. */
const preview: Pick<NestApplicationOptions, 'logger' | 'abortOnError' | 'preview'> = {
  logger: false,
  abortOnError: false,
  preview: true,
};

/** The description of a module's controllers, without starting anything: it needs no database and no keys. */
export async function describeApi(module: Type | DynamicModule): Promise<OpenAPIObject> {
  const app = await NestFactory.create(module, new FastifyAdapter(), preview);
  return buildOpenApiDocument(app);
}
