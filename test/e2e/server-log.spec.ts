import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LastingIo } from '../../src/cli/command.js';
import { serve } from '../../src/cli/serve.js';
import { EventLog } from '../../src/common/logging/event-log.js';
import { LeakWorld } from '../support/leak-world.js';
import { testSettings } from '../support/settings.js';

const parameters = ['log_parameter_max_length', 'log_min_messages'];

describe("the database server's log, with everything on, of an ordinary role", () => {
  let world: LeakWorld;

  beforeAll(async () => {
    world = await LeakWorld.open();
  });

  afterAll(() => world.close());

  it('holds keys and rows where the role may not forbid it: the start warns and names the remedy, which helps', async () => {
    const url = await world.postgres.database.serviceUrl();
    const role = new URL(url).username;
    const { written, warned } = await erase(url);
    expect(warned).toEqual(parameters);
    expect(written).toMatch(new RegExp(`Parameters: .*${world.mark.of('gone')}`));
    expect(written).toMatch(new RegExp(`ERROR: .*row .*${world.mark.of('said')}`));

    const remedy = await remedyPrinted(url);
    expect(remedy).toEqual([
      `ALTER ROLE "${role}" SET log_parameter_max_length = 0;`,
      `ALTER ROLE "${role}" SET log_min_messages = log;`,
    ]);
    for (const statement of remedy) await world.postgres.database.run(statement);
    await expectQuiet(url);
    expect(await remedyPrinted(url)).toEqual([]);
  });

  it('holds nothing of anybody where the role was granted the parameters', async () => {
    const url = await world.postgres.database.serviceUrl();
    const role = new URL(url).username;
    await world.postgres.database.run(`GRANT SET ON PARAMETER ${parameters.join(', ')} TO ${role}`);
    await expectQuiet(url);
    expect(await remedyPrinted(url)).toEqual([]);
  });

  async function expectQuiet(url: string): Promise<void> {
    const { written, warned } = await erase(url);
    expect(warned).toEqual([]);
    expect(written).toContain('DELETE FROM "platform"."feedback"');
    expect(world.mark.in(written)).toEqual([]);
  }

  /** Erases one person and fails to erase another. @returns what the server wrote, and which parameters the start warned of */
  async function erase(
    url: string,
  ): Promise<{ readonly written: string; readonly warned: readonly string[] }> {
    const { account, bot, logged, mark, platform, postgres } = world;
    const [from, linesBefore] = [(await postgres.log()).length, logged.length];
    const service = await world.serve({}, url);
    const warned = logged.slice(linesBefore).flatMap((line) => {
      const { event, parameter } = JSON.parse(line) as { event: string; parameter?: string };
      return event === 'database.server-log-open' && parameter !== undefined ? [parameter] : [];
    });
    const userIds = ['gone', 'kept'].map((name) => `${mark.of(name)}@example.com`);
    for (const email of userIds) {
      const user_id = await platform.user(account, { email });
      await platform.insert('feedback', { bot_id: bot, user_id, survey: email, comments: mark.of('said') });
    }
    await postgres.database.run(`
      CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF OLD.survey LIKE '%kept@%' THEN RAISE EXCEPTION 'row %', OLD; END IF; RETURN OLD; END $$;
      CREATE TRIGGER keep BEFORE DELETE ON platform.feedback FOR EACH ROW EXECUTE FUNCTION public.keep()`);
    const client = await service.client(account);
    const { response } = await client.eraseAndWait({ userIds, RemoveDataFromAllBots: true });
    expect(response.map(({ status }) => status)).toEqual(['SUCCESS', 'FAILED']);
    await postgres.database.run(
      'DROP FUNCTION public.keep CASCADE; DELETE FROM platform.feedback; DELETE FROM platform.users',
    );
    await service.stop();
    return { written: (await postgres.log()).slice(from), warned };
  }

  /** What `expunge serve` tells a superuser to run. */
  async function remedyPrinted(databaseUrl: string): Promise<readonly string[]> {
    const printed: string[] = [];
    const io: LastingIo = {
      out: () => undefined,
      err: (text) => void printed.push(...text.split('\n')),
      settings: testSettings({ databaseUrl, masterKey: world.masterKey, role: 'api' }),
      log: new EventLog('silent'),
      stop: AbortSignal.abort(),
      draw: null,
      database: () => Promise.reject(new Error('serve opens its own')),
    };
    await serve({}, io);
    return printed.filter((line) => line.startsWith('ALTER'));
  }
});
