import { reachFaultPoint } from '../../config/fault-points.js';

/** Hands a wake-up on. What becomes of it is the business of whoever was woken: it never fails. */
export async function handOver(wake: () => Promise<void>): Promise<void> {
  try {
    await reachFaultPoint('wake-up:taken');
    await wake();
    await reachFaultPoint('wake-up:passed-on');
  } catch {
    // A wake-up is only a hint: the sweep finds what it was about.
  }
}
