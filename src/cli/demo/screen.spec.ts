import { describe, expect, it } from '@jest/globals';
import { Screen } from './screen.js';

describe('the screen of the demo', () => {
  it('writes a line for each progress where there is no terminal', () => {
    const lines: string[] = [];
    const screen = new Screen({ out: (text) => lines.push(text), draw: null });
    for (const done of [0, 0, 250, 250, 500]) screen.progress({ done, total: 500 }, 'entries');
    expect(lines).toEqual(['  0 of 500 entries', '  250 of 500 entries', '  500 of 500 entries']);
  });

  it('draws a bar on a terminal, and takes it away before the next line', () => {
    const drawn: string[] = [];
    const screen = new Screen({ out: (text) => drawn.push(`${text}\n`), draw: (text) => drawn.push(text) });
    screen.progress({ done: 1, total: 2 }, 'entries');
    screen.say('done');
    expect(drawn).toEqual([`  ${'█'.repeat(20)}${'░'.repeat(20)}  1 of 2 entries`, '', 'done\n']);
  });

  it('knows at which step something failed', async () => {
    const screen = new Screen({ out: () => undefined, draw: null });
    const failing = screen.step('reading', () => Promise.reject(new Error('no')), String);
    await expect(failing).rejects.toThrow('no');
    expect(screen.underWay).toBe('reading');
  });
});
