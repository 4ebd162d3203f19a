import { isIP } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { type LimitBucket } from '../../auth/route-policy.js';
import { ApiError } from '../../common/errors/api-error.js';
import { EventLog } from '../../common/logging/event-log.js';
import { Settings } from '../../config/settings.js';
import { type AmountLimiter } from './amount-limiter.js';
import { InProcessAmountLimiter } from './in-process-amount-limiter.js';
import { InProcessRateLimiter } from './in-process-rate-limiter.js';
import { type RateLimiter, windowsOf } from './rate-limiter.js';
import { RedisAmountLimiter } from './redis-amount-limiter.js';
import { RedisRateLimiter } from './redis-rate-limiter.js';

/** The limits of the door: calls of an account by bucket, entries of its bulk calls, failed authentications of an address. */
@Injectable()
export class RateLimits implements OnApplicationShutdown {
  private readonly redis: Redis | null;
  private readonly accounts: RateLimiter;
  private readonly entries: AmountLimiter;
  /** Never in Redis: an address is personal data. Apart from the accounts, so that no stranger can make them forgotten. */
  private readonly addresses: RateLimiter;

  constructor(settings: Settings, log: EventLog) {
    const windows = windowsOf(settings.rateLimitPerMinute, settings.rateLimitPerHour);
    const alone = new InProcessRateLimiter(windows);
    const { redisUrl, redisPrefix, bulkEntriesPerHour } = settings;
    const entriesAlone = new InProcessAmountLimiter(bulkEntriesPerHour);
    const limited = windows.length > 0 || bulkEntriesPerHour > 0;
    this.redis = redisUrl === null || !limited ? null : connect(redisUrl, settings);
    this.accounts =
      this.redis === null ? alone : new RedisRateLimiter(this.redis, redisPrefix, windows, alone, log);
    this.entries =
      this.redis === null
        ? entriesAlone
        : new RedisAmountLimiter(this.redis, redisPrefix, bulkEntriesPerHour, entriesAlone, log);
    this.addresses = new InProcessRateLimiter(windowsOf(settings.authFailuresPerMinute, 0));
  }

  /**
   * Counts a call. One whose entries are counted (`bulk`) counts as an erase call as well, and is let in while there is room
   * for any entry: else its head alone could be sent again and again.
   * @throws ApiError 429 when the account has used up the bucket
   */
  async chargeAccount(bucket: LimitBucket, accountId: string): Promise<void> {
    if (bucket === 'bulk') await this.chargeEntries(bucket, accountId, 0);
    refuseIf(await this.accounts.charge(`${bucket === 'bulk' ? 'erase' : bucket}:${accountId}`));
  }

  /** @throws ApiError 429 when the account has no room for so many; then none of them is counted */
  async chargeEntries(bucket: 'bulk', accountId: string, entries: number): Promise<void> {
    refuseIf(await this.entries.charge(`${bucket}:${accountId}`, entries));
  }

  /**
   * Counts one failed authentication. Only failures count and only failures are refused: one who guesses from the address
   * of a shared proxy does not lock out who knows a secret.
   * @throws ApiError 429 when the address has failed too often
   */
  async chargeFailure(address: string): Promise<void> {
    refuseIf(
      await this.addresses.charge(isIP(address) === 0 ? 'unknown' : address.replace(/^::ffff:(?=.*\.)/i, '')),
    );
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}

/** Bounded in every way: what Redis does not answer in time fails, and the limiter goes on without it. */
function connect(url: string, { redisTimeoutMs }: Settings): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: redisTimeoutMs,
    connectTimeout: redisTimeoutMs,
  });
  // Said by the limiter where it matters; without a listener it would end the process.
  redis.on('error', () => undefined);
  return redis;
}

function refuseIf(waitMs: number): void {
  if (waitMs === 0) return;
  throw new ApiError(
    429,
    'RATE_LIMITED',
    'Rate limit for this API has been reached. Please try again after some time.',
    { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } },
  );
}
