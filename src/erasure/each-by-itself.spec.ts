import { describe, expect, it } from '@jest/globals';
import { DatabaseFault } from '../database/database-fault.js';
import { eachByItself } from './each-by-itself.js';

describe('eachByItself', () => {
  const done: string[] = [];
  const doing = (what: string) => () => Promise.resolve(done.push(what));
  const failing = (error: Error) => () => Promise.reject(error);

  it('does what comes after a failure, and tells the first one then', async () => {
    done.length = 0;
    const first = new DatabaseFault('P0001');
    const works = [doing('a'), failing(first), doing('b'), failing(new Error('second')), doing('c')];
    await expect(eachByItself(works)).rejects.toBe(first);
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('gives up without a connection', async () => {
    done.length = 0;
    const lost = new DatabaseFault('08006');
    await expect(eachByItself([doing('a'), failing(lost), doing('b')])).rejects.toBe(lost);
    expect(done).toEqual(['a']);
  });

  it('is silent when nothing fails', async () => {
    await expect(eachByItself([doing('a')])).resolves.toBeUndefined();
  });
});
