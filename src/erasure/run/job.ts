import { type KeySet } from '../seal/key-set.js';
import { type BatchClaim } from './claim.js';
import { type ChunkSizes } from './pace/chunk-sizes.js';
import { type RequestScope } from './scope-of.js';
import { type Turn } from './turn.js';

/** One person of a batch, opened. */
export interface Person {
  readonly id: string;
  readonly keys: KeySet;
}

/** A claimed batch at work. */
export interface Job {
  readonly claim: BatchClaim;
  readonly scope: RequestScope;
  readonly sizes: ChunkSizes;
  readonly turn: Turn;
}
