import { expect } from '@jest/globals';
import { type TestClient } from './service.js';

export const ERASE = '/api/public/bot/eraseUsersData';
/** Well-formed, and nobody's. */
export const UNKNOWN_REQUEST = 'eud-00000000-0000-4000-8000-000000000000';

export interface WireCall {
  readonly method?: string;
  readonly path?: string;
  /** `auth` is the client's token unless it is given, or null. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: string | null;
  /** Text goes as it is, everything else as JSON. */
  readonly body?: unknown;
}

export interface Told {
  readonly msg: string;
  readonly code: number;
  readonly reason?: string;
  readonly details?: readonly {
    readonly field: string;
    readonly problem: string;
    readonly expected: string;
  }[];
  readonly more?: number;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** The one error; empty where there is none. */
  readonly error: Partial<Told>;
}

/** Sends one call, POST and to the erase route unless told otherwise, and holds the answer to what every answer has. */
export async function send(client: TestClient, call: WireCall = {}): Promise<WireAnswer> {
  const { method = 'POST', path = ERASE, headers, auth = client.token, body } = call;
  const response = await fetch(client.url + path, {
    method,
    headers: {
      ...(auth === null ? {} : { auth }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const text = await response.text();
  const json = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const [error = {}, ...further] = (json['errors'] ?? []) as readonly Partial<Told>[];
  expect(further).toEqual([]);
  expect(Object.keys(error).length === 0).toBe(response.ok);
  return { status: response.status, headers: response.headers, text, json, error };
}
