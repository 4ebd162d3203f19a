import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRoutes } from '../../../src/http/open-routes.js';
import { routesOf } from '../../support/routes.js';
import { DoorWorld, LETTERS } from './door-world.js';

describe('of all routes', () => {
  let world: DoorWorld;
  beforeAll(async () => {
    world = await DoorWorld.open();
  });
  afterAll(() => world.close());

  it('those that answer without a token are the listed ones', async () => {
    const table = routesOf(world.app);
    expect(table).toContainEqual({ method: 'GET', url: `${LETTERS}/status/:id` });
    const open = new Set<string>();
    for (const { method, url } of table) {
      const response = await fetch(world.url + url.replace(/:\w+|\*/g, 'x'), { method });
      if (response.status !== 401) open.add(url);
    }
    expect([...open].sort()).toEqual([...openRoutes].sort());
  });
});
