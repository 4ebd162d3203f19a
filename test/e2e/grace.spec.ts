import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ERASE_IN_BULK } from '../../src/auth/scopes.js';
import { LifecycleWorld } from '../support/lifecycle-world.js';
import { TestService } from '../support/service.js';
import { ERASE, send } from '../support/wire.js';

const HOUR_MS = 3_600_000;
const allBots = { RemoveDataFromAllBots: true };

describe('a least waiting time for every request', () => {
  let world: LifecycleWorld;

  beforeAll(async () => {
    world = await LifecycleWorld.open({ graceMs: HOUR_MS });
  });
  afterAll(() => world.close());

  async function waitsFor(requestId: string): Promise<number> {
    const [row] = await world.db.run<{ seconds: string }>(
      'SELECT extract(epoch FROM not_before - created_on) AS seconds FROM expunge.erasure_requests WHERE id = $1',
      [requestId],
    );
    return Number(row?.seconds);
  }

  const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();

  it('holds with and without a time of its own: the later of the two', async () => {
    const { client } = world;
    const userIds = ['nobody'];
    expect(await waitsFor(await client.erase({ userIds, ...allBots }))).toBe(3_600);
    expect(await waitsFor(await client.erase({ userIds, ...allBots, notBefore: '2020-01-01' }))).toBe(3_600);
    expect(await waitsFor(await client.erase({ userIds, ...allBots, notBefore: inHours(0.5) }))).toBe(3_600);
    const later = await waitsFor(await client.erase({ userIds, ...allBots, notBefore: inHours(5) }));
    expect(Math.abs(later - 5 * 3_600)).toBeLessThan(60);
  });

  it('holds for what is sent in bulk', async () => {
    const bulk = await world.api.client(world.account, { scopes: [ERASE_IN_BULK] });
    const body = `${JSON.stringify(allBots)}\n"nobody"\n`;
    const headers = { 'content-type': 'application/x-ndjson' };
    const { json } = await send(bulk, { path: `${ERASE}/bulk`, headers, body });
    expect(await waitsFor(String(json['requestId']))).toBe(3_600);
  });

  it('is time in which cancelling is whole, and after which work begins by itself', async () => {
    const [jane, joe] = await world.people(2);
    const hurried = { ...world.api.settings, graceMs: 0 };
    const requestId = await world.client.erase({ userIds: [jane], ...allBots });
    await world.work();
    const atOnce = await TestService.start(world.api.databaseUrl, hurried);
    const quick = await atOnce.client(world.account);
    await quick.settled(await quick.erase({ userIds: [joe], ...allBots }));
    await atOnce.stop();
    expect((await world.call(requestId, 'cancel')).json).toMatchObject({ status: 'cancelled', cancelled: 1 });
    expect(await world.messagesOf(jane ?? '')).toBe(2);
    const next = await world.client.erase({ userIds: [jane], ...allBots });
    await world.db.run('UPDATE expunge.erasure_requests SET not_before = clock_timestamp() WHERE id = $1', [
      next,
    ]);
    expect((await world.client.settled(next)).status).toBe('completed');
  });
});
