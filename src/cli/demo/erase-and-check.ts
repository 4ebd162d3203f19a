import { type DataSource } from 'typeorm';
import { DELETE_USERS_DATA } from '../../auth/scopes.js';
import { EventLog } from '../../common/logging/event-log.js';
import { type Settings } from '../../config/settings.js';
import { withAuthServices } from '../auth-services.js';
import { checkErasure } from './check/erasure-check.js';
import { demoCall } from './demo-call.js';
import { DemoClient, erasePath, type ErasureAnswer } from './demo-client.js';
import { checkText, curlText, erasedText, othersText, startText, thousands } from './demo-text.js';
import { type SamplePlatform } from './sample-platform/sample-platform.js';
import { type Screen } from './screen.js';
import { held, verdictOn } from './verdict.js';

/** What stands when the demo begins to erase. */
export interface DemoScene {
  readonly platform: SamplePlatform;
  readonly dataSource: DataSource;
  readonly settings: Settings;
  readonly url: string;
  readonly stop: AbortSignal;
}

/** Sends the call between two looks at every row, and says what came of it. @returns whether everything held */
export async function eraseAndCheck(scene: DemoScene, screen: Screen): Promise<boolean> {
  const call = demoCall(scene.platform);
  const client = new DemoClient(scene.url, await tokenOf(scene), scene.stop);
  screen.doing('reading every row, for the check');
  const begin = performance.now();
  const { outcome: answer, report } = await checkErasure(scene.dataSource, call.people, async () => {
    screen.said('every row read, for the check', performance.now() - begin);
    scene.stop.throwIfAborted();
    const settled = await erase(client, { userIds: call.userIds, RemoveDataFromAllBots: true }, screen);
    screen.doing('reading every row again');
    return settled;
  });
  const verdict = verdictOn(call, answer, report);
  const parts = [
    erasedText(answer, report),
    othersText(answer),
    checkText(verdict, report, call.expected.length),
    curlText(call.userIds),
    startText,
  ];
  screen.say(`\n${parts.join('\n\n')}`);
  return held(verdict);
}

async function erase(
  client: DemoClient,
  body: Parameters<DemoClient['erase']>[0],
  screen: Screen,
): Promise<ErasureAnswer> {
  screen.say(
    `\nDELETE ${erasePath} with ${thousands(body.userIds.length)} entries of every form, for all bots`,
  );
  const requestId = await screen.step(
    'sending',
    () => client.erase(body),
    (id) => `accepted as ${id}`,
  );
  screen.doing('erasing');
  return client.settled(requestId, (progress) => {
    screen.progress(progress, 'entries settled');
  });
}

/** A client app of the account and a token of it, made as the command makes them. */
async function tokenOf({ dataSource, settings, platform }: DemoScene): Promise<string> {
  const database = { dataSource, settings };
  return withAuthServices(
    { database: () => Promise.resolve(database), log: new EventLog('silent') },
    async ({ apps, issuer }) => {
      const { clientId } = await apps.create({
        ...{ accountId: platform.world.main.id, name: 'demo', scopes: [DELETE_USERS_DATA] },
        ...{ origin: 'admin-console', tokenPolicy: 'strict', tokenPolicyUntil: null },
        ...{ audience: null, requireJti: false },
      });
      return (await issuer.issue(clientId, 'demo', 3600)).token;
    },
  );
}
