import { type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const AGAIN_MS = 50;

/** How a listener ends: it goes on answering for a while, so that whoever sends to it learns of the end; then nobody holds it up. */
export class Draining {
  private over = false;

  constructor(
    private readonly server: Server,
    private readonly patienceMs: number,
  ) {}

  /** Lets answers be given for the whole time: a load balancer may need it to send nothing any more. */
  async wait(): Promise<void> {
    await wait(this.patienceMs);
    this.over = true;
  }

  /**
   * Closes the listener by `close`. Answers that are under way have their time, unless it is over already; then connections
   * are cut off: a client that hangs keeps no process running.
   */
  async close(close: () => Promise<unknown>): Promise<void> {
    let cutting: NodeJS.Timeout | undefined;
    // Again and again: until the listener is closed, others come.
    const cut = (): void => {
      this.server.closeAllConnections();
      cutting = setTimeout(cut, AGAIN_MS);
    };
    cutting = setTimeout(cut, this.over ? 0 : this.patienceMs);
    try {
      await close();
    } finally {
      clearTimeout(cutting);
    }
  }
}
