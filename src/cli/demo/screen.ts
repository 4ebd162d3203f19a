import { type LastingIo } from '../command.js';
import { seconds } from './demo-text.js';

const barWidth = 40;
const timeColumn = 88;

/** Where the demo writes. Lines stay; on a terminal, what is under way is drawn below them and then goes. */
export class Screen {
  private lastDone = -1;
  private current = 'beginning';

  constructor(private readonly io: Pick<LastingIo, 'out' | 'draw'>) {}

  say(text: string): void {
    this.io.draw?.('');
    this.io.out(text);
  }

  /** What the last step is about. */
  get underWay(): string {
    return this.current;
  }

  /** Something that takes a while. @param done what to say of it when it is over; its time stands behind */
  async step<T>(doing: string, work: () => Promise<T>, done: (result: T) => string): Promise<T> {
    this.doing(doing);
    const begin = performance.now();
    const result = await work();
    this.said(done(result), performance.now() - begin);
    return result;
  }

  said(what: string, ms: number): void {
    this.say(`  ${what.padEnd(timeColumn)}${seconds(ms).padStart(7)}`);
  }

  doing(what: string): void {
    this.current = what;
    this.io.draw?.(`  ${what} …`);
  }

  /** A bar; without a terminal a line, whenever there is more than before. */
  progress({ done, total }: { readonly done: number; readonly total: number }, what: string): void {
    const full = Math.round((barWidth * done) / Math.max(total, 1));
    const text = `${done} of ${total} ${what}`;
    if (this.io.draw) this.io.draw(`  ${'█'.repeat(full)}${'░'.repeat(barWidth - full)}  ${text}`);
    else if (done > this.lastDone) this.io.out(`  ${text}`);
    this.lastDone = done;
  }
}
