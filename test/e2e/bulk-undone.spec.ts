import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { watchFaultPoints } from '../../src/config/fault-points.js';
import { ClientAppsService } from '../../src/auth/client-apps.service.js';
import { BulkUpload } from '../support/bulk-upload.js';
import { bulkScopes, BulkWorld, entries, everywhere, until } from '../support/bulk-world.js';
import { Platform } from '../support/platform.js';
import { testDatabase } from '../support/postgres.js';
import { TestService } from '../support/service.js';
import { signedToken } from '../support/tokens.js';

describe('a bulk call that does not come to its end', () => {
  let world: BulkWorld;
  beforeAll(async () => {
    world = await BulkWorld.open();
  });
  afterAll(() => world.close());

  it.each<[string, string, number, object]>([
    [
      'is no JSON',
      '{"userId": "x"',
      400,
      {
        reason: 'INVALID_JSON',
        msg: 'The body is not valid JSON: the end of the body at line 5003, column 15; expected more of it: something opened is never closed',
        details: [{ field: 'line 5003, column 15' }],
      },
    ],
    [
      'is blank',
      '',
      400,
      { reason: 'INVALID_JSON', details: [{ field: 'line 5003', problem: 'a blank line' }] },
    ],
    [
      'is a number',
      '17',
      412,
      { reason: 'INVALID_FIELDS', details: [{ field: 'line 5003', problem: 'a number' }] },
    ],
    [
      'has a wrong member',
      '{"channelId": "web", "channelUserId": 5}',
      412,
      { details: [{ field: 'line 5003.channelUserId', problem: 'a number' }] },
    ],
    [
      'is too long',
      `"${'x'.repeat(64 * 1024)}"`,
      413,
      { reason: 'BODY_TOO_LARGE', details: [{ field: 'line 5003', expected: 'at most 65536 bytes' }] },
    ],
  ])(
    'is refused as a whole for one line that %s, by its number; nothing of it remains',
    async (_, line, status, error) => {
      const upload = BulkUpload.to(world.client);
      await upload.send(everywhere, ...entries(5_001));
      const id = await world.uploading();
      await upload.write(`${line}\n`);
      const answer = await upload.answer;
      expect(answer).toMatchObject({ status, error });
      expect(JSON.stringify(answer?.error)).not.toContain('xxx');
      expect((await world.client.status(id)).status).toBe(404);
      await world.gone(id);
    },
    60_000,
  );

  it('whose connection breaks leaves nothing', async () => {
    const upload = BulkUpload.to(world.client);
    await upload.send(everywhere, ...entries(5_000));
    const id = await world.uploading();
    upload.cut();
    await world.gone(id);
  }, 60_000);

  it('that falls silent in the midst of a line is 408 and leaves nothing', async () => {
    const impatient = await TestService.start(world.db.url, {
      ...world.service.settings,
      uploadSilenceMs: 1_000,
    });
    const upload = BulkUpload.to({ url: impatient.url, token: world.client.token });
    await upload.send(everywhere, ...entries(10_000));
    await upload.write('"half a li');
    expect(await upload.answer).toMatchObject({ status: 408, error: { reason: 'REQUEST_TIMEOUT' } });
    await impatient.stop();
    await world.nothingHidden();
  }, 60_000);

  it('whose receiver died is swept, and can never come to life again', async () => {
    const upload = BulkUpload.to(world.client);
    await upload.send(everywhere, ...entries(5_000));
    const id = await world.uploading();
    await world.db.run(
      `UPDATE expunge.erasure_requests SET lease_until = clock_timestamp() - interval '1 s' WHERE id = $1`,
      [id],
    );
    await world.gone(id);
    // A receiver that only stood still is told as much.
    expect(await upload.end()).toMatchObject({ status: 503, error: { reason: 'UNAVAILABLE' } });
    await world.gone(id);
  }, 60_000);

  it.each([
    ['takes no further page', 6_000],
    ['is not accepted', 0],
  ])(
    'that was given up meanwhile %s',
    async (_, more) => {
      const own = await testDatabase();
      // Without a worker, which would remove what is left.
      const api = await TestService.start(await own.serviceUrl(), { role: 'api' });
      try {
        const caller = await api.client(await new Platform(own).account(), { scopes: bulkScopes });
        const upload = BulkUpload.to(caller);
        await upload.send(everywhere, ...entries(5_000));
        const count = async (): Promise<number> =>
          (await own.run<{ n: number }>('SELECT count(*)::int AS n FROM expunge.erasure_subjects'))[0]?.n ??
          0;
        const before = await until(async () => (await count()) || null);
        await own.run(`UPDATE expunge.erasure_requests SET status = 'forgotten'`);
        await upload.send(...entries(more));
        expect(await upload.end()).toMatchObject({ status: 503, error: { reason: 'UNAVAILABLE' } });
        expect(await count()).toBe(before);
        expect(await own.run('SELECT status FROM expunge.erasure_requests')).toEqual([
          { status: 'forgotten' },
        ]);
      } finally {
        await api.stop();
        await own.drop();
      }
    },
    60_000,
  );

  it('of an app that was revoked meanwhile is not accepted', async () => {
    const revoked = await world.service.client(world.account, { scopes: bulkScopes });
    const upload = BulkUpload.to(revoked);
    await upload.send(everywhere, ...entries(5_000));
    const id = await world.uploading();
    await world.service.get(ClientAppsService).revoke(revoked.clientId);
    // An app is taken for good for a second without another look.
    await until(async () => ((await revoked.status(id)).status === 401 ? true : null));
    expect(await upload.end()).toMatchObject({ status: 401, error: { reason: 'APP_REVOKED' } });
    await world.gone(id);
  }, 60_000);

  it.each(['before-commit', 'after-commit'] as const)(
    'because the connection to the database was lost %s of its last transaction is accepted, once',
    async (when) => {
      let lost = false;
      watchFaultPoints((at) => {
        if (at !== `complete-upload:${when}` || lost) return Promise.resolve();
        lost = true;
        return Promise.reject(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
      });
      const before = await world.shown();
      const { clientId, clientSecret, url } = world.client;
      const iat = Math.floor(Date.now() / 1_000);
      const token = signedToken(clientSecret, { appId: clientId, iat, exp: iat + 600, jti: when });
      const upload = BulkUpload.to({ url, token });
      await upload.send(everywhere, 'nobody');
      const answer = await upload.end();
      watchFaultPoints(null);
      expect(lost).toBe(true);
      expect(answer?.status).toBe(200);
      expect(await world.shown()).toBe(before + 1);
      expect((await world.client.settled(answer?.requestId ?? '')).counts).toEqual({ NOT_FOUND: 1 });
    },
    60_000,
  );
});
