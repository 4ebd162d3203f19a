import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { type FaultPoint, reachFaultPoint, watchFaultPoints } from './fault-points.js';
import { faultsFrom } from './faults-from-environment.js';

describe('a fault point', () => {
  afterEach(() => {
    watchFaultPoints(null);
  });

  it('does nothing unless somebody watches', () => {
    expect(reachFaultPoint('records:erased')).toBeUndefined();
  });

  it('goes on when the watcher does', async () => {
    const seen: FaultPoint[] = [];
    watchFaultPoints((at) => Promise.resolve(void seen.push(at)));
    await reachFaultPoint('records:erased');
    expect(seen).toEqual(['records:erased']);
  });
});

describe('faults in the environment', () => {
  const faults = (given: string, production = false) => faultsFrom({ FAULT_POINTS: given }, production);

  it('are none as a rule, also in production', () => {
    expect([faultsFrom({}, true), faults('', true)]).toEqual([null, null]);
  });

  it('happen once, when the point is reached for the nth time', async () => {
    const watch = faults('sweep:begun=stall,accept:after-commit#2=lose');
    await watch?.('accept:after-commit');
    await watch?.('accept:before-commit');
    await expect(watch?.('accept:after-commit')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await watch?.('accept:after-commit');
  });

  it.each(['nowhere=kill', 'sweep:begun', 'sweep:begun=explode', 'sweep:begun#0=kill', 'x,'])(
    'are refused when they make no sense: %s',
    (given) => {
      expect(() => faults(given)).toThrow(ConfigurationError);
    },
  );

  it('are refused in production', () => {
    expect(() => faults('sweep:begun=kill', true)).toThrow('FAULT_POINTS is for tests: unset it');
  });
});
