import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { type Role } from '../../src/config/settings.js';
import { testDatabase } from '../support/postgres.js';
import { redisUrl, uniquePrefix } from '../support/redis.js';
import { TestService } from '../support/service.js';

describe('a process that stops', () => {
  // A connection that stays open keeps the process from ending.
  it.each<Role>(['api', 'all'])('leaves Redis, as %s', async (role) => {
    const connectionName = randomUUID();
    const db = await testDatabase();
    const redis = new Redis(redisUrl());
    const connections = async (): Promise<number> =>
      String(await redis.client('LIST')).split(`name=${connectionName} `).length - 1;
    try {
      const url = `${redisUrl()}?connectionName=${connectionName}`;
      const settings = { role, redisUrl: url, redisPrefix: uniquePrefix(), rateLimitPerMinute: 60 };
      const service = await TestService.start(await db.serviceUrl(), settings);
      await (
        await service.client(await account())
      ).erase({ userIds: ['nobody'], RemoveDataFromAllBots: true });
      expect(await connections()).toBeGreaterThan(0);
      await service.stop();
      const deadline = Date.now() + 5_000;
      while ((await connections()) > 0 && Date.now() < deadline);
      expect(await connections()).toBe(0);
    } finally {
      redis.disconnect();
      await db.drop();
    }

    async function account(): Promise<string> {
      await db.run(`INSERT INTO platform.accounts (id, name) VALUES ('${'a'.repeat(24)}', 'Acme')`);
      return 'a'.repeat(24);
    }
  });
});
