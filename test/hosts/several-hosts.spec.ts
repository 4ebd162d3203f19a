import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { difference, Platform } from '../support/platform.js';
import { clientOf, type ServedProcess } from '../support/served-process.js';
import { type TestClient } from '../support/service.js';
import { HostsWorld } from './hosts-world.js';
import { type Host, Network } from './network.js';

const PEOPLE = 12;

/** Small pieces: there is much to do in the midst of which a host can be cut off. */
const slowly = {
  EXPUNGE_BATCH_PERSONS: '6',
  EXPUNGE_CHUNK_PERSONS: '1',
  EXPUNGE_CHUNK_ROWS: '1',
  EXPUNGE_PACE: 'full',
};

interface Held {
  readonly id: string;
  readonly worker: string;
  readonly fence: string;
}

/** null where the machine allows no namespaces and whoever runs this has said that they know. */
function network(): Network | null {
  try {
    return Network.open();
  } catch (error) {
    const why = (error as Error).message;
    if (process.env['EXPUNGE_TEST_NO_NETNS'] !== '1')
      throw new Error(`${why}. Run as root, or set EXPUNGE_TEST_NO_NETNS=1 to go without this test`, {
        cause: error,
      });
    process.stderr.write(`Several hosts are not tested, as EXPUNGE_TEST_NO_NETNS=1 says: ${why}\n`);
    return null;
  }
}

describe('several hosts', () => {
  let net: Network | null = null;
  let world: HostsWorld;
  let platform: Platform;
  let account: string;

  beforeAll(async () => {
    net = network();
    if (!net) return;
    world = await HostsWorld.open(net);
    platform = new Platform(world.database);
    account = await platform.account();
  }, 120_000);
  afterAll(async () => {
    if (net) await world.close();
    net?.close();
  });

  async function people(): Promise<string[]> {
    const users: string[] = [];
    for (let n = 0; n < PEOPLE; n += 1) {
      const user = await platform.user(account);
      await platform.conversation(user, null);
      users.push(user);
    }
    return users;
  }

  async function worker(host: Host, settings: Record<string, string> = {}): Promise<ServedProcess> {
    return world.serve(host, { EXPUNGE_ROLE: 'worker', ...slowly, ...settings });
  }

  /** Batches that somebody works on, or worked on when they were last heard of. */
  async function running(): Promise<readonly Held[]> {
    return world.database.run<Held>(
      `SELECT id, worker, fence FROM expunge.erasure_batches WHERE state = 'RUNNING' ORDER BY id`,
    );
  }

  async function fenceOf({ id }: Held): Promise<number> {
    const [row] = await world.database.run<{ fence: string }>(
      'SELECT fence FROM expunge.erasure_batches WHERE id = $1',
      [id],
    );
    return Number(row?.fence);
  }

  /** Cuts a host off while its worker, the only one, is in the midst of a batch. @returns what it held */
  async function cutOffInMidBatch(
    host: Host,
    client: TestClient,
    requestId: string,
  ): Promise<readonly Held[]> {
    await client.until(requestId, ({ erased }) => Object.keys(erased).length > 0);
    for (;;) {
      host.cutOff();
      const held = await running();
      if (held.length > 0) return held;
      // Between two batches, just then.
      host.rejoin();
    }
  }

  it('share the work; one that is cut off in mid-batch is succeeded, and works again once it is back', async () => {
    if (!net) return;
    const [front, first, second] = [net.addHost(), net.addHost(), net.addHost()];
    const api = await world.serve(front, { EXPUNGE_ROLE: 'api', EXPUNGE_DRAIN_SECONDS: '0' });
    const client = await clientOf(world.command, world.env, account, api.url);
    expect(new URL(api.url).hostname).toBe(front.address);
    const users = await people();
    const others = await people();
    const before = await platform.snapshot();

    const lonely = await worker(first);
    const requestId = await client.erase({ userIds: users, RemoveDataFromAllBots: true });
    const held = await cutOffInMidBatch(first, client, requestId);
    const successor = await worker(second);
    for (const batch of held)
      await eventually(
        'another host has taken over',
        async () => (await fenceOf(batch)) > Number(batch.fence),
      );
    first.rejoin();
    expect((await client.settled(requestId, 60_000)).counts).toEqual({ SUCCESS: PEOPLE });

    const changes = difference(before, await platform.snapshot());
    // A session, two messages and so on, in as many tables as a conversation has; of nobody else.
    for (const [table, { gone }] of Object.entries(changes))
      expect([table, gone % PEOPLE]).toEqual([table, 0]);
    for (const table of [
      'messages',
      'sessions',
      'attachments',
      'feedback',
      'oauth_tokens',
      'analytics_events',
    ]) {
      expect([table, await platform.count(table, 'user_id = ANY ($1)', [users])]).toEqual([table, 0]);
      expect(await platform.count(table, 'user_id = ANY ($1)', [others])).toBeGreaterThanOrEqual(PEOPLE);
    }
    const after = await platform.snapshot();
    for (const [table, rows] of before)
      for (const row of rows)
        if (others.some((user) => row.includes(user))) expect(after.get(table)?.has(row)).toBe(true);

    successor.signal('SIGTERM');
    expect(await successor.ended).toEqual({ status: 0, signal: null });
    // The very process that was cut off.
    const next = await client.erase({ userIds: others.slice(0, 3), RemoveDataFromAllBots: true });
    expect((await client.settled(next, 60_000)).counts).toEqual({ SUCCESS: 3 });
    lonely.signal('SIGTERM');
    expect(await lonely.ended).toEqual({ status: 0, signal: null });
    api.signal('SIGTERM');
    expect(await api.ended).toEqual({ status: 0, signal: null });
  }, 180_000);
});
