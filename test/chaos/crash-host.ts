import { AsyncLocalStorage } from 'node:async_hooks';
import { text } from 'node:stream/consumers';
import { type FaultPoint, watchFaultPoints } from '../../src/config/fault-points.js';
import { settingsOf } from '../../src/config/settings.js';
import { startService } from '../../src/main.js';
import { type HostedService, type HostSays } from './hosted-service.js';

/**
 * A process with several services, each of which stands still at the fault point that it was given. When all do, the test
 * kills the process: one start for many crashes, each of a service that was at exactly its point.
 */
const services = JSON.parse(await text(process.stdin)) as readonly HostedService[];
const current = new AsyncLocalStorage<{
  readonly index: number;
  readonly service: HostedService;
  times: number;
}>();

watchFaultPoints((at: FaultPoint) => {
  const running = current.getStore();
  if (running?.service.at !== at || (running.times += 1) !== running.service.nth) return Promise.resolve();
  say({ index: running.index, reached: at });
  return new Promise(() => undefined);
});

// All at once: one may stand still before it has started.
await Promise.all(
  services.map((service, index) =>
    current.run({ index, service, times: 0 }, async () => {
      const { masterKey, ...values } = service.settings;
      const { url } = await startService(
        settingsOf({ ...values, masterKey: Buffer.from(masterKey, 'base64') }),
      );
      say({ index, url: url ?? '' });
    }),
  ),
);

function say(words: HostSays): void {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}
