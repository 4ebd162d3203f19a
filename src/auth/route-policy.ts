import { SetMetadata } from '@nestjs/common';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { type FastifyContextConfig, type FastifyRequest } from 'fastify';
import { type Caller } from './caller.js';

/** The buckets of an account's rate limit; null: the route counts in neither. */
export type LimitBucket = 'erase' | 'read';

/**
 * What a route declares about who may call it. It stands in Fastify's route config, where the door finds it before a byte
 * of the body is read and the scope guard after it. A route that declares nothing is closed.
 */
export interface RoutePolicy {
  /** The scope that a caller's app must hold; null on open routes, and on those that forgot to declare one. */
  readonly scope: string | null;
  /** Answers without a token. */
  readonly open: boolean;
  /** Tokens without `exp` (policy `compatible`) are good here: the two routes that existing clients know. */
  readonly compatibleTokens: boolean;
  readonly limit: LimitBucket | null;
}

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<RoutePolicy> {
    /** Bytes of body the route takes. */
    readonly bodyLimit?: number;
  }

  interface FastifyRequest {
    /** Set by the door once the token is verified; never on open routes. */
    caller?: Caller;
  }
}

/** What the request's route declares; for a route that declares nothing the closed policy. */
export function policyOf(request: Pick<FastifyRequest, 'routeOptions'>): RoutePolicy {
  const { scope = null, open = false, compatibleTokens = false, limit = null } = request.routeOptions.config;
  return { scope, open, compatibleTokens, limit };
}

/** Like `@RouteConfig`, but adds to what other decorators of the handler declared instead of replacing it. */
export function AddRouteConfig(
  config: Partial<RoutePolicy> & Pick<FastifyContextConfig, 'bodyLimit'>,
): MethodDecorator {
  return (target, key, descriptor) => {
    const handler = descriptor.value as object;
    const declared = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as object | undefined;
    SetMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...declared, ...config })(target, key, descriptor);
  };
}
