/** Some consecutive lines of a body, each parsed. */
export interface JsonLinesPiece {
  /** Number of the first, from 1. */
  readonly firstLine: number;
  readonly values: readonly unknown[];
  /** What they took on the wire. */
  readonly bytes: number;
}

/**
 * A body of newline-delimited JSON (NDJSON), as it comes: nothing of it is read before it is asked for. Iterating it throws an
 * ApiError that names the line: 400 for what is no JSON or for a connection that broke, 408 for silence, 413 for too much.
 */
export type JsonLines = AsyncIterable<JsonLinesPiece>;
