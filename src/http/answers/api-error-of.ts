import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { ApiError, type ApiReason } from '../../common/errors/api-error.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { isError } from './is-error.js';

const reasonOfStatus: Readonly<Record<number, ApiReason>> = {
  400: 'MALFORMED_REQUEST',
  404: 'UNKNOWN_PATH',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  431: 'HEADERS_TOO_LARGE',
  503: 'UNAVAILABLE',
};

/**
 * Whatever was thrown, as an error of the wire contract. Of errors that are not ours only the status is used, never the
 * message: Nest's and Fastify's repeat the URL, drivers' repeat rows.
 */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof DatabaseFault && error.transient) return apiErrorOfStatus(503);
  return apiErrorOfStatus(statusOf(error));
}

/** The fixed sentence of an HTTP status. */
export function apiErrorOfStatus(status: number): ApiError {
  const known = STATUS_CODES[status] !== undefined && status >= 400 && (status < 500 || status === 503);
  if (!known) return new ApiError(500, 'INTERNAL', 'Internal Server Error');
  return new ApiError(status, reasonOfStatus[status] ?? null, STATUS_CODES[status] ?? '');
}

/** Nest's exceptions know their status; Fastify's errors, and those of a connection lost in mid-body, carry one. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (isError(error) && 'statusCode' in error && typeof error.statusCode === 'number')
    return error.statusCode;
  return 500;
}
