import { types } from 'node:util';

/** Whether something thrown is an error: of this realm, of another one, or made by a library's own constructor. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}
