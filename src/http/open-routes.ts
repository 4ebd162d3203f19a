import { type RouteShorthandOptions } from 'fastify';

/**
 * Every route that answers without a token, as Fastify's route table has it. A test holds this list against the table: a
 * route that is open and not listed here, or listed and not there, fails it.
 */
export const openRoutes: readonly string[] = [
  '/health/live',
  '/health/ready',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/*',
];

/** Declares a route of Fastify's own (not of a controller) as open. */
export const openRoute: RouteShorthandOptions = { config: { open: true } };
