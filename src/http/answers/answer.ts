import { type ApiError, type ApiErrorDetail, type ApiReason } from '../../common/errors/api-error.js';

/** One entry of the error envelope of the wire contract. */
export interface AnswerError {
  readonly msg: string;
  readonly code: number;
  readonly reason?: ApiReason;
  readonly details?: readonly ApiErrorDetail[];
  /** How many details were left out. */
  readonly more?: number;
  /** Told in the body by a 500 only: the one thing it says. */
  readonly requestId?: string;
}

/** An answer other than 2xx, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly errors: readonly [AnswerError] };
}

const DETAILS_TOLD = 20;

/** Seconds after which trying again is worth it where nothing better is known. */
const RETRY_AFTER_SECONDS = '5';

const headersOfStatus: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'www-authenticate': 'Bearer realm="expunge"' },
  429: { 'retry-after': RETRY_AFTER_SECONDS },
  503: { 'retry-after': RETRY_AFTER_SECONDS },
};

/** The envelope of an error: at most 20 details, the rest counted; the headers that its status calls for. */
export function answerOf(error: ApiError, requestId: string): Answer {
  const details = error.options.details ?? [];
  return {
    status: error.httpStatus,
    headers: { ...headersOfStatus[error.httpStatus], ...error.options.headers },
    body: {
      errors: [
        {
          msg: error.message,
          code: error.code,
          ...(error.reason === null ? {} : { reason: error.reason }),
          ...(details.length === 0 ? {} : { details: details.slice(0, DETAILS_TOLD) }),
          ...(details.length <= DETAILS_TOLD ? {} : { more: details.length - DETAILS_TOLD }),
          ...(error.httpStatus === 500 ? { requestId } : {}),
        },
      ],
    },
  };
}
