import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Caller } from '../../../src/auth/caller.js';
import { type AppCredentials } from '../../../src/auth/client-apps.service.js';
import { signedToken } from '../../support/tokens.js';
import { type AuthProcess, AuthWorld } from './auth-world.js';

let world: AuthWorld;
let app: AppCredentials;
beforeAll(async () => {
  world = await AuthWorld.make();
  app = await world.app();
});
afterAll(() => world.database.drop());

function verified(process: AuthProcess, jti: string | null): Promise<Caller> {
  const iat = world.clock.seconds;
  const claims = { appId: app.clientId, iat, exp: iat + 60, ...(jti === null ? {} : { jti }) };
  return process.verifier.verify(signedToken(app.clientSecret, claims), { allowCompatible: false });
}

async function usedTokens(): Promise<number> {
  const [row] = await world.database.run<{ count: number }>(
    'SELECT count(*)::int AS count FROM expunge.used_tokens',
  );
  return row?.count ?? NaN;
}

describe('spending a one-time token', () => {
  it('succeeds once, however many processes try at once', async () => {
    const { dataSource } = world.database;
    const callers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const process = world.process();
        return { spender: process.spender, caller: await verified(process, 'raced') };
      }),
    );
    const outcomes = await Promise.allSettled(
      callers.map(({ spender, caller }) =>
        dataSource.transaction((manager) => spender.spend(manager, caller)),
      ),
    );
    const refusals = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as { reason: string }] : [],
    );
    expect(refusals).toHaveLength(7);
    for (const { reason } of refusals) expect(reason).toBe('TOKEN_REPLAYED');
  });

  it('waits for the transaction that has it, and succeeds where that one fails', async () => {
    const { dataSource } = world.database;
    const [one, two] = [world.process(), world.process()];
    const [callerOne, callerTwo] = [await verified(one, 'waiting'), await verified(two, 'waiting')];
    let second: Promise<void> | undefined;
    const first = dataSource.transaction(async (manager) => {
      await one.spender.spend(manager, callerOne);
      second = dataSource.transaction((other) => two.spender.spend(other, callerTwo));
      await untilSomeoneWaits();
      throw new Error('rolled back');
    });
    await expect(first).rejects.toThrow('rolled back');
    await expect(second).resolves.toBeUndefined();
    await expect(verified(one, 'waiting')).rejects.toMatchObject({ reason: 'TOKEN_REPLAYED' });
  });

  it('does nothing for other tokens', async () => {
    const process = world.process();
    const caller = await verified(process, null);
    expect(process.spender.isSettled(caller)).toBe(true);
    const before = await usedTokens();
    await process.spender.spend(world.database.dataSource.manager, caller);
    expect(await usedTokens()).toBe(before);
  });

  it('is known to be done', async () => {
    const process = world.process();
    const caller = await verified(process, 'settled');
    expect(process.spender.isSettled(caller)).toBe(false);
    await process.spender.spend(world.database.dataSource.manager, caller);
    expect(process.spender.isSettled(caller)).toBe(true);
  });
});

describe('tokens that expired more than an hour ago', () => {
  it('are forgotten, at most a thousand at once; others are not', async () => {
    const { manager } = world.database.dataSource;
    const { spender } = world.process();
    await world.database.run('DELETE FROM expunge.used_tokens WHERE client_id = $1', [app.clientId]);
    await world.database.run(
      `INSERT INTO expunge.used_tokens (client_id, jti_hash, expires_on)
       SELECT 'cs-' || (n % 3), int4send(n), clock_timestamp() - interval '61 minutes' FROM generate_series(1, 1500) n
       UNION ALL
       SELECT 'cs-0', int4send(n), clock_timestamp() - interval '59 minutes' FROM generate_series(2001, 2005) n`,
    );
    const forgotten = [1, 2, 3].map(() => spender.forgetExpired(manager));
    const total = (await Promise.all(forgotten)).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(1500);
    expect(await usedTokens()).toBe(5);
    expect(await spender.forgetExpired(manager)).toBe(0);
  });
});

/** Until a connection of this database waits for another's row. */
async function untilSomeoneWaits(): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    const waiting = await world.database.run(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody waits');
}
