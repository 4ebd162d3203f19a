import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pause, pauses, resume } from '../../../src/cli/pause.js';
import { CommandFailure } from '../../../src/cli/command.js';
import { TestIo } from '../../support/command-io.js';
import { LifecycleWorld } from '../../support/lifecycle-world.js';
import { testSettings } from '../../support/settings.js';
import { UNKNOWN_REQUEST } from '../../support/wire.js';

const reason = 'standby lags; jane@example.com called';

describe('the brake from the command line', () => {
  let world: LifecycleWorld;
  let io: TestIo;
  let requestId: string;

  beforeAll(async () => {
    world = await LifecycleWorld.open();
    io = new TestIo(world.db.dataSource, testSettings(world.api.settings));
    requestId = await world.client.erase({ userIds: ['nobody'], RemoveDataFromAllBots: true });
  });

  afterEach(async () => {
    await world.rest();
    await world.db.run('DELETE FROM expunge.pauses');
    io.printed.splice(0);
    io.told.splice(0);
  });
  afterAll(() => world.close());

  const statusNow = async () => (await world.client.status(requestId)).body;

  it.each(['all', 'account', 'request'] as const)('pulls and releases it for --%s', async (selector) => {
    const options = {
      all: { all: true },
      account: { account: world.account },
      request: { request: requestId },
    }[selector];
    expect(await pause({ ...options, reason, json: false }, io)).toBe(0);
    expect(io.printed.splice(0).join()).toMatch(/^paused: /);
    const { status, paused } = await statusNow();
    expect([status, paused?.by]).toEqual(['in-progress', 'operator']);
    await pauses({ json: true }, io);
    expect(io.json()).toEqual({
      pauses: [
        {
          accountId: selector === 'account' ? world.account : null,
          requestId: selector === 'request' ? requestId : null,
          reason,
          by: 'operator',
          since: paused?.since,
        },
      ],
    });
    await pauses({ json: false }, io);
    expect(io.printed.splice(0).join()).toContain(reason);
    expect(await resume({ ...options, json: true }, io)).toBe(0);
    expect(io.json()).toMatchObject({ resumed: true, paused: null });
    expect(await statusNow()).not.toHaveProperty('paused');
    await pauses({ json: false }, io);
    expect(io.told.splice(0)).toEqual(['Nothing is paused.']);
  });

  it('says what still rests, and what did not rest', async () => {
    await pause({ all: true, reason, json: true }, io);
    await pause({ request: requestId, reason, json: true }, io);
    io.printed.splice(0);
    await resume({ request: requestId, json: false }, io);
    expect(io.told.splice(0)).toEqual([expect.stringContaining('another pause holds it')]);
    await resume({ request: requestId, json: true }, io);
    expect(io.told.splice(0)[0]).toContain('was not paused');
    expect(io.printed).toHaveLength(2);
    expect((await statusNow()).paused?.by).toBe('operator');
  });

  it('warns of an account that is not there, which may be mistyped', async () => {
    await pause({ account: 'nobody', reason, json: false }, io);
    expect(io.told.splice(0)).toEqual(['warning: the platform has no account with this id']);
    expect(await statusNow()).not.toHaveProperty('paused');
  });

  it.each([
    ['no selector', {}, 2],
    ['two selectors', { all: true, account: 'a' }, 2],
    ['an unknown request', { request: UNKNOWN_REQUEST }, 1],
    ['a word for a request', { request: 'all' }, 1],
  ])('refuses %s', async (_what, options, status) => {
    const commands = [
      () => pause({ ...options, reason, json: true }, io),
      () => resume({ ...options, json: true }, io),
    ];
    for (const command of commands) {
      const failure = await command().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CommandFailure);
      expect(failure).toMatchObject({ status });
    }
    expect(io.printed).toEqual([]);
  });

  it('wants a reason', async () => {
    const failure = await pause({ all: true, reason: ' ', json: true }, io).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 2, message: expect.stringContaining('--reason') });
  });
});
