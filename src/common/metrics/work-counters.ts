import { Counter, Histogram, Registry } from 'prom-client';

/**
 * What this process has done since it began. A process has one set of them, as it has one clock: whatever happens is counted
 * where it happens, by `workCounters.….inc()`; what a transaction did, once it has committed (`afterCommit`).
 */
export const workRegistry = new Registry();

const registers = [workRegistry];
/** Seconds. Chunks are steered to 0.1–0.25 s; a batch is hundreds of them. */
const chunkBuckets = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2.5];
const batchBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 1_800];

export const workCounters = {
  requestsAccepted: new Counter({
    name: 'expunge_requests_accepted_total',
    help: 'Requests that were answered with a request id.',
    registers,
  }),
  entriesAccepted: new Counter({
    name: 'expunge_entries_accepted_total',
    help: 'Entries of these requests.',
    registers,
  }),
  requestsSettled: new Counter({
    name: 'expunge_requests_settled_total',
    help: 'Requests that came to their end, by outcome.',
    labelNames: ['status'] as const,
    registers,
  }),
  entriesSettled: new Counter({
    name: 'expunge_entries_settled_total',
    help: 'Entries of requests that came to their end, by outcome.',
    labelNames: ['status', 'reason'] as const,
    registers,
  }),
  rowsErased: new Counter({
    name: 'expunge_rows_erased_total',
    help: 'Rows deleted or overwritten, by collection of the data map.',
    labelNames: ['collection'] as const,
    registers,
  }),
  chunkSeconds: new Histogram({
    name: 'expunge_chunk_duration_seconds',
    help: 'How long transactions took that erased one chunk of records, and what of the rest they had time for, and were committed.',
    buckets: chunkBuckets,
    registers,
  }),
  batchSeconds: new Histogram({
    name: 'expunge_batch_duration_seconds',
    help: 'How long batches took, from their claim by the worker that brought them to their end.',
    buckets: batchBuckets,
    registers,
  }),
  takeOvers: new Counter({
    name: 'expunge_take_overs_total',
    help: 'Pieces of work taken over from a worker that gave no sign of life any more.',
    labelNames: ['work'] as const,
    registers,
  }),
  sweepFinds: new Counter({
    name: 'expunge_sweep_finds_total',
    help: 'Requests that the sweep found unsettled though nothing of them was left to do.',
    registers,
  }),
  retries: new Counter({
    name: 'expunge_retries_total',
    help: 'What was begun again after a failure that may pass: single transactions, whole batches, plannings.',
    labelNames: ['work'] as const,
    registers,
  }),
  compatibleTokens: new Counter({
    name: 'expunge_compatible_tokens_total',
    help: 'Calls let in with a token that only the policy `compatible` allows.',
    registers,
  }),
} as const;
