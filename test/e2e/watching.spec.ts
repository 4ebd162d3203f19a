import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Platform } from '../support/platform.js';
import { type TestDatabase, testDatabase } from '../support/postgres.js';
import { Relay } from '../support/relay.js';
import { Samples } from '../support/samples.js';
import { type TestClient, TestService } from '../support/service.js';
import { signedToken } from '../support/tokens.js';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
}

async function alerts(): Promise<readonly Alert[]> {
  const { groups } = parse(await readFile('ops/alerts.yaml', 'utf8')) as {
    groups: readonly { readonly rules: readonly Alert[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

describe('a service that is watched', () => {
  let db: TestDatabase;
  let platform: Platform;
  let relay: Relay;
  let service: TestService;
  let account: string;
  let client: TestClient;

  beforeAll(async () => {
    db = await testDatabase();
    platform = new Platform(db);
    relay = await Relay.to(await db.serviceUrl());
    service = await TestService.start(relay.url);
    account = await platform.account();
    client = await service.client(account);
  });
  afterAll(async () => {
    await service.stop();
    await relay.close();
    await db.drop();
  });

  const scrape = (): Promise<Samples> => Samples.of(service.url);

  it('exposes every number that an alert is about, with the labels it asks for', async () => {
    const samples = await scrape();
    const rules = await alerts();
    expect(rules.map(({ alert }) => alert)).toEqual([
      'ExpungeUnsettled',
      'ExpungeNotErasedNearDue',
      'ExpungeDataMapDrift',
      'ExpungeIntegrityFailure',
      'ExpungePaused',
      'ExpungeCompatibleTokens',
      'ExpungeUnwatched',
    ]);
    for (const { alert, expr } of rules) {
      const names = expr.match(/expunge_\w+/g) ?? [];
      expect([alert, names.length]).not.toEqual([alert, 0]);
      for (const name of names) expect([alert, name, samples.has(name)]).toEqual([alert, name, true]);
      const [, label] = /by \((\w+)\)/.exec(expr) ?? [];
      for (const name of names)
        if (label !== undefined) expect([name, ...samples.labels(name)]).toContain(label);
    }
  });

  it('has a paragraph for each alert, and none for others', async () => {
    const headings = [...(await readFile('docs/runbook.md', 'utf8')).matchAll(/^## (\w+)\n\n\w/gm)];
    const rules = await alerts();
    expect(headings.map(([, name]) => name)).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
  });

  it('counts requests, entries and rows by what became of them, and says nothing of whose they were', async () => {
    const people = [await platform.user(account), await platform.user(account)];
    for (const user of people) await platform.conversation(user, null);
    const owner = await platform.user(account);
    await platform.accountRole(account, owner, 'owner');
    for (const name of ['one', 'two']) await platform.user(account, { identities: [`${name}|shared-name`] });
    const before = await scrape();
    const { status, erased } = await client.eraseAndWait({
      userIds: [...people, owner, 'shared-name', 'nobody-marked'],
      RemoveDataFromAllBots: true,
    });
    expect(status).toBe('partial');
    const after = await scrape();
    const came = (name: string, labels: Record<string, string> = {}): number =>
      after.value(name, labels) - before.value(name, labels);
    expect(came('expunge_requests_accepted_total')).toBe(1);
    expect(came('expunge_entries_accepted_total')).toBe(5);
    expect(came('expunge_requests_settled_total', { status: 'partial' })).toBe(1);
    const ends = [
      ['SUCCESS', '', 2],
      ['PROTECTED', 'ACCOUNT_OWNER', 1],
      ['AMBIGUOUS', 'MATCHES_SEVERAL_USERS', 1],
      ['NOT_FOUND', '', 1],
    ] as const;
    for (const [end, reason, entries] of ends)
      expect([end, came('expunge_entries_settled_total', { status: end, reason })]).toEqual([end, entries]);
    for (const [collection, rows] of Object.entries(erased))
      expect([collection, came('expunge_rows_erased_total', { collection })]).toEqual([collection, rows]);
    expect(came('expunge_batch_duration_seconds_count')).toBe(1);
    expect(came('expunge_chunk_duration_seconds_count')).toBeGreaterThan(0);
    for (const marked of [account, owner, ...people, 'shared-name', 'nobody-marked', client.clientId])
      expect(after.text).not.toContain(marked);
  });

  it('counts calls that only the compatible policy lets in', async () => {
    const week = new Date(Date.now() + 7 * 86_400_000);
    const old = await service.client(account, { tokenPolicy: 'compatible', tokenPolicyUntil: week });
    const before = (await scrape()).value('expunge_compatible_tokens_total');
    const strict = await old.call('GET', '/api/public/bot/eraseUsersData/status/eud-none');
    expect(strict.status).toBe(404);
    expect((await scrape()).value('expunge_compatible_tokens_total')).toBe(before);
    const auth = signedToken(old.clientSecret, { sub: 'test', appId: old.clientId });
    const compatible = await old.call('GET', '/api/public/bot/eraseUsersData/status/eud-none', undefined, {
      auth,
    });
    expect(compatible.status).toBe(404);
    expect((await scrape()).value('expunge_compatible_tokens_total')).toBe(before + 1);
  });

  /** Until a number has grown. */
  async function grows(name: string, labels: Record<string, string>, than: number): Promise<void> {
    const deadline = Date.now() + 30_000;
    while ((await scrape()).value(name, labels) <= than)
      if (Date.now() > deadline) throw new Error(`${name} did not grow`);
  }

  it('counts what is begun again, and what the sweep and other workers find', async () => {
    const before = await scrape();
    const jane = await platform.user(account);
    await platform.conversation(jane, null);
    const blocker = db.dataSource.createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('SELECT FROM platform.oauth_tokens WHERE user_id = $1 FOR UPDATE', [jane]);
    const requestId = await client.erase({ userIds: [jane], RemoveDataFromAllBots: true });
    const retries = before.value('expunge_retries_total', { work: 'transaction' });
    await grows('expunge_retries_total', { work: 'transaction' }, retries);
    await blocker.rollbackTransaction();
    await blocker.release();
    expect((await client.settled(requestId)).counts).toEqual({ SUCCESS: 1 });

    const finds = before.value('expunge_sweep_finds_total');
    await db.run(
      `UPDATE expunge.erasure_requests SET settled_on = NULL, status = 'in-progress' WHERE id = $1`,
      [requestId],
    );
    await grows('expunge_sweep_finds_total', {}, finds);

    const takeOvers = before.value('expunge_take_overs_total', { work: 'batch' });
    await db.run(
      `UPDATE expunge.erasure_batches SET state = 'RUNNING', worker = 'dead', fence = fence + 1,
         lease_until = clock_timestamp() WHERE request_id = $1`,
      [requestId],
    );
    await grows('expunge_take_overs_total', { work: 'batch' }, takeOvers);
  });

  it('tells no numbers of a database that is away, and all the others', async () => {
    expect((await scrape()).has('expunge_requests_unsettled')).toBe(true);
    relay.hang();
    const deadline = Date.now() + 30_000;
    while ((await scrape()).has('expunge_requests_unsettled'))
      if (Date.now() > deadline) throw new Error('it still tells old numbers');
    expect((await scrape()).has('expunge_rows_erased_total')).toBe(true);
    relay.recover();
    while (!(await scrape()).has('expunge_requests_unsettled'))
      if (Date.now() > deadline) throw new Error('its numbers never came back');
  });
});
