import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { armFaults, reachFaultPoint } from './fault-points.js';
import { faultsFrom } from './faults-from-environment.js';

afterEach(() => {
  armFaults([]);
});

describe('a fault point', () => {
  it('does nothing unless a fault is armed', () => {
    expect(reachFaultPoint('records:erased')).toBeUndefined();
  });

  it('lets a fault happen once, when it is reached for the nth time', async () => {
    let happened = 0;
    const happen = (): Promise<void> => Promise.resolve(void (happened += 1));
    armFaults([{ at: 'records:erased', nth: 2, happen }]);
    const seen: number[] = [];
    for (let time = 1; time <= 3; time += 1) {
      await reachFaultPoint('records:erased');
      await reachFaultPoint('directory:held');
      seen.push(happened);
    }
    expect(seen).toEqual([0, 1, 1]);
  });
});

describe('faults in the environment', () => {
  const faults = (given: string, production = false) => faultsFrom({ FAULT_POINTS: given }, production);

  it('are none as a rule, also in production', () => {
    expect([faultsFrom({}, true), faults('', true)]).toEqual([[], []]);
  });

  it('are named with how often the point is reached before', () => {
    expect(faults('erase-chunk:after-commit#3=kill,sweep:begun=stall:5')).toEqual([
      { at: 'erase-chunk:after-commit', nth: 3, happen: expect.any(Function) },
      { at: 'sweep:begun', nth: 1, happen: expect.any(Function) },
    ]);
  });

  it('can look like a broken connection', async () => {
    const [fault] = faults('accept:after-commit=lose');
    await expect(fault?.happen()).rejects.toMatchObject({ code: 'ECONNRESET' });
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
