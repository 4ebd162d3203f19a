import { Agent, get } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import { RequiresScope } from '../../../src/auth/requires-scope.decorator.js';
import { DELETE_USERS_DATA } from '../../../src/auth/scopes.js';
import { DoorWorld } from './door-world.js';

/** Answers when it is told to. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

const arrived = new Gate();
const leave = new Gate();

@Controller('slow')
class SlowController {
  @Get()
  @RequiresScope(DELETE_USERS_DATA, { limit: null })
  async slow(): Promise<object> {
    arrived.open();
    await leave.opened;
    return { done: true };
  }
}

it('a service that stops finishes what is under way, and waits for nobody who is idle', async () => {
  const world = await DoorWorld.open({}, [SlowController]);
  const token = await world.token();
  const idle = new Agent({ keepAlive: true });
  await new Promise((resolve) =>
    get(`${world.url}/health/live`, { agent: idle }, (r) => r.resume().on('end', resolve)),
  );
  const slow = fetch(`${world.url}/slow`, { headers: { auth: token } });
  await arrived.opened;

  const started = performance.now();
  const closed = world.app.close();
  leave.open();
  const response = await slow;
  expect(await response.json()).toEqual({ done: true });
  expect(response.headers.get('connection')).toBe('close');
  await closed;
  expect(performance.now() - started).toBeLessThan(5000);
  await expect(fetch(`${world.url}/health/live`)).rejects.toThrow();
  idle.destroy();
  await world.database.drop();
});
