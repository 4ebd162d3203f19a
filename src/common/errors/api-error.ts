/**
 * The closed union of reasons an answer may carry; an enum in the OpenAPI document. Stable: clients branch on them.
 */
export const apiReasons = [
  'MALFORMED_REQUEST',
  'URI_TOO_LONG',
  'HEADERS_TOO_LARGE',
  'REQUEST_TIMEOUT',
  'UNKNOWN_PATH',
  'METHOD_NOT_ALLOWED',
  'INVALID_CREDENTIALS',
  'INVALID_TOKEN',
  'TOKEN_EXPIRED',
  'TOKEN_NOT_YET_VALID',
  'TOKEN_LIFETIME',
  'TOKEN_CLAIMS',
  'TOKEN_REPLAYED',
  'TOKEN_OF_END_USER',
  'TOKEN_POLICY',
  'APP_REVOKED',
  'RATE_LIMITED',
  'UNSUPPORTED_MEDIA_TYPE',
  'BODY_TOO_LARGE',
  'INVALID_JSON',
  'SCOPE_MISSING',
  'APP_ORIGIN',
  'INVALID_FIELDS',
  'UNKNOWN_BOT',
  'NOT_FOUND',
  'IDEMPOTENCY_KEY_REUSED',
  'ALREADY_SETTLED',
  'STILL_IN_PROGRESS',
  'NOTHING_TO_RETRY',
  'CONFLICT',
  'UNAVAILABLE',
  'INTERNAL',
] as const;

export type ApiReason = (typeof apiReasons)[number];

/** One thing that is wrong: its place, the kind of thing that came, what was expected. Never the value itself. */
export interface ApiErrorDetail {
  readonly field: string;
  readonly problem: string;
  readonly expected: string;
}

/**
 * An answer other than 2xx. The one error filter (http/) turns it into the envelope of the wire contract.
 * `code` is the `code` member of the body where it differs from the HTTP status (4002 for tokens).
 */
export class ApiError extends Error {
  readonly code: number;

  constructor(
    readonly httpStatus: number,
    readonly reason: ApiReason | null,
    message: string,
    readonly options: {
      readonly code?: number;
      readonly details?: readonly ApiErrorDetail[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = options.code ?? httpStatus;
  }
}

/** 412: fields or bots of the body; at most 20 details are told (the filter counts the rest). */
export function invalidArguments(
  details: readonly ApiErrorDetail[],
  reason: ApiReason = 'INVALID_FIELDS',
): ApiError {
  return new ApiError(412, reason, 'Validation errors/ Invalid arguments', { details });
}

/** 404: unknown and foreign alike. */
export function notFound(): ApiError {
  return new ApiError(404, 'NOT_FOUND', 'Not Found');
}
