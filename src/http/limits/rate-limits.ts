import { isIP } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { type LimitBucket } from '../../auth/route-policy.js';
import { ApiError } from '../../common/errors/api-error.js';
import { EventLog } from '../../common/logging/event-log.js';
import { Settings } from '../../config/settings.js';
import { InProcessRateLimiter } from './in-process-rate-limiter.js';
import { type RateLimiter, windowsOf } from './rate-limiter.js';
import { RedisRateLimiter } from './redis-rate-limiter.js';

/** The limits of the door: uses of an account by bucket, failed authentications of an address. */
@Injectable()
export class RateLimits implements OnApplicationShutdown {
  private readonly redis: Redis | null;
  private readonly accounts: RateLimiter;
  /** Never in Redis: an address is personal data. Apart from the accounts, so that no stranger can make them forgotten. */
  private readonly addresses: RateLimiter;

  constructor(settings: Settings, log: EventLog) {
    const windows = windowsOf(settings.rateLimitPerMinute, settings.rateLimitPerHour);
    const alone = new InProcessRateLimiter(windows);
    this.redis =
      settings.redisUrl === null || windows.length === 0 ? null : connect(settings.redisUrl, settings);
    this.accounts =
      this.redis === null
        ? alone
        : new RedisRateLimiter(this.redis, settings.redisPrefix, windows, alone, log);
    this.addresses = new InProcessRateLimiter(windowsOf(settings.authFailuresPerMinute, 0));
  }

  /** @throws ApiError 429 when the account has used up the bucket */
  async chargeAccount(bucket: LimitBucket, accountId: string): Promise<void> {
    refuseIf(await this.accounts.charge(`${bucket}:${accountId}`));
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
