import { type TokenPolicy } from './client-app.entity.js';
import { ClientAppRefused } from './client-app-refused.js';

const LONGEST_DAYS = 90;

/**
 * When an app's `compatible` policy ends: after 90 days, or earlier where `until` says so. Tokens that never expire are for
 * the time it takes to change a client, not for good. null for `strict`, which has no end.
 *
 * @throws ClientAppRefused when `until` is not within the next 90 days, or given with `strict`
 */
export function compatibleUntil(policy: TokenPolicy, until: Date | null, now: Date): Date | null {
  if (policy === 'strict') {
    if (until === null) return null;
    throw new ClientAppRefused('an end goes with the token policy "compatible" only');
  }
  const latest = new Date(now.getTime() + LONGEST_DAYS * 86_400_000);
  if (until === null) return latest;
  if (until > now && until <= latest) return until;
  throw new ClientAppRefused(`the token policy "compatible" may end within the next ${LONGEST_DAYS} days`);
}
