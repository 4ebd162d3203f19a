import { SetMetadata } from '@nestjs/common';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { type FastifyContextConfig, type FastifyRequest } from 'fastify';
import { type Caller } from './caller.js';

/** The buckets of an account's rate limit: calls, or for `bulk` erase calls and their entries. Null: the route counts in none. */
export type LimitBucket = 'erase' | 'read' | 'bulk';

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
    /** The body is NDJSON (`JsonLines`), read as it comes, however long that takes. */
    readonly lines?: true;
  }

  interface FastifyRequest {
    /** Set by the door once the token is verified; never on open routes. */
    caller?: Caller;
    /** Set by the door beside `caller` where the limit counts entries. */
    longCall?: LongCall;
  }
}

/** What the door goes on answering while the body of a call arrives. */
export interface LongCall {
  /** Counts entries against the account's limit. @throws ApiError 429 when there is no room for all of them */
  charge(entries: number): Promise<void>;
  /** The body has taken its time: whether the caller may still call. @throws ApiError 401; DatabaseFault */
  recheck(): Promise<void>;
}

/** What the request's route declares; for a route that declares nothing the closed policy. */
export function policyOf(request: Pick<FastifyRequest, 'routeOptions'>): RoutePolicy {
  const { scope = null, open = false, compatibleTokens = false, limit = null } = request.routeOptions.config;
  return { scope, open, compatibleTokens, limit };
}

/** Like `@RouteConfig`, but adds to what other decorators of the handler declared instead of replacing it. */
export function AddRouteConfig(
  config: Partial<RoutePolicy> & Pick<FastifyContextConfig, 'bodyLimit' | 'lines'>,
): MethodDecorator {
  return (target, key, descriptor) => {
    const handler = descriptor.value as object;
    const declared = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as object | undefined;
    SetMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...declared, ...config })(target, key, descriptor);
  };
}
