import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { atFaultPoint } from '../support/at-fault-point.js';
import { eventually } from '../support/eventually.js';
import { LifecycleWorld } from '../support/lifecycle-world.js';

describe('an identity that somebody gets while being erased', () => {
  let world: LifecycleWorld;

  beforeAll(async () => {
    world = await LifecycleWorld.open();
  });

  afterEach(() => world.rest());
  afterAll(() => world.close());

  it.each([
    ['all that is done with them is one transaction', 150],
    ['each stage is a transaction of its own', 0],
  ])('ties rows that go as well, where %s', async (_what, chunkMs) => {
    const person = await world.person();
    const id = `late-${randomUUID()}`;
    const requestId = await world.client.erase({ userIds: [person], RemoveDataFromAllBots: true });
    const late = atFaultPoint('records:erased', async () => {
      await world.db.run(
        `INSERT INTO platform.user_identities (user_id, channel_id, channel_user_id) VALUES ($1, 'web', $2)`,
        [person, id],
      );
      await world.db.run('INSERT INTO platform.debug_logs (bot_id, identity) VALUES ($1, $2)', [
        world.bot,
        `web/${id}`,
      ]);
    });
    await world.work({ chunkMs });
    await late;
    expect((await world.client.settled(requestId)).counts).toEqual({ SUCCESS: 1 });
    expect(await world.platform.count('debug_logs', 'identity = $1', [`web/${id}`])).toBe(0);
    expect(await world.platform.count('user_identities', 'channel_user_id = $1', [id])).toBe(0);
  });

  it('keeps nobody from being erased as far as can be, while the one who writes it takes their time', async () => {
    const person = await world.person();
    const requestId = await world.client.erase({ userIds: [person], RemoveDataFromAllBots: true });
    const writer = world.db.dataSource.createQueryRunner();
    await writer.startTransaction();
    await writer.query('LOCK TABLE platform.user_identities IN ROW EXCLUSIVE MODE');
    // Time enough for everything in one transaction.
    await world.work({ chunkMs: 10_000 });
    await eventually('their records are gone', async () => (await world.messagesOf(person)) === 0);
    expect((await world.client.status(requestId)).body.counts).toEqual({ IN_PROGRESS: 1 });
    await writer.rollbackTransaction();
    await writer.release();
    expect((await world.client.settled(requestId)).counts).toEqual({ SUCCESS: 1 });
  });
});
