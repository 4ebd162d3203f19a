import { applyDecorators } from '@nestjs/common';
import { ApiResponse, ApiSecurity } from '@nestjs/swagger';
import { AddRouteConfig, type LimitBucket } from './route-policy.js';
import { type Scope } from './scopes.js';

/** The two ways to send a token, as the OpenAPI document calls them. */
export const securitySchemes = {
  /** The header of existing clients, without "Bearer". */
  auth: { type: 'apiKey', in: 'header', name: 'auth' },
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
} as const;

/**
 * Declares who may call a route: for the door, for the scope guard, and in the OpenAPI document. May stand beside other
 * decorators that add to the route's config.
 *
 * @param limit the bucket of the account's rate limit; null: counts in neither
 */
export function RequiresScope(
  scope: Scope,
  options: { readonly limit: LimitBucket | null; readonly compatibleTokens?: boolean },
): MethodDecorator {
  const { limit, compatibleTokens = false } = options;
  return applyDecorators(
    AddRouteConfig({ scope, open: false, limit, compatibleTokens }),
    ...Object.keys(securitySchemes).map((scheme) => ApiSecurity(scheme, [scope])),
    ApiResponse({
      status: 401,
      description: `No token, a token that is not good here, or an app without the scope "${scope}"`,
      schema: { $ref: '#/components/schemas/ErrorAnswer' },
    }),
  );
}

/** Declares a route that answers without a token. Every one of them stands in a list that a test holds (http/). */
export function OpenRoute(): MethodDecorator {
  return applyDecorators(AddRouteConfig({ scope: null, open: true, limit: null, compatibleTokens: false }));
}
