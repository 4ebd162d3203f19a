import { describe, expect, it } from '@jest/globals';
import { type Settings } from '../../config/settings.js';
import { Stopping } from './claim.js';
import { type ErasingDesk } from './erasing-desk.js';
import { type GroupCheck } from './group-check.service.js';
import { GroupEraser } from './group-eraser.service.js';
import { type GroupStages } from './group-stages.service.js';
import { type Job, type Person } from './job.js';
import { type Eraser, type Pace } from './pace/pace.js';
import { Turn } from './turn.js';

/** Asks for its first transaction, and never has it. @returns whether it would have waited for the rest of those before it */
async function rests(persons: number, fence: string, progressed = false): Promise<boolean | undefined> {
  let asked: boolean | undefined;
  const pace = {
    turn: (eraser: Eraser) => {
      asked = eraser.rests;
      return Promise.reject(new Stopping());
    },
  };
  const turn = new Turn(
    () => false,
    () => Promise.resolve(false),
    500,
  );
  if (progressed) turn.progressed();
  const eraser = new GroupEraser(
    {} as ErasingDesk,
    {} as GroupCheck,
    {} as GroupStages,
    { probeRounds: 3 } as Settings,
    pace as unknown as Pace,
  );
  const job = { claim: { fence }, turn } as unknown as Job;
  const group = Array.from({ length: persons }, (_, n) => ({ id: String(n) }) as Person);
  await expect(eraser.erase(job, group)).rejects.toThrow(Stopping);
  turn.close();
  return asked;
}

describe('erasing a group', () => {
  it.each([
    ['of a few who have just come begins at once', 10, '1', false, false],
    ['of more rests first', 11, '1', false, true],
    ['of a few whose batch has had a transaction rests first', 10, '1', true, true],
    ['of a few whose batch was given back, or taken over, rests first', 10, '2', false, true],
  ])('%s', async (_what, persons, fence, progressed, expected) => {
    expect(await rests(persons, fence, progressed)).toBe(expected);
  });
});
