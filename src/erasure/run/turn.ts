/**
 * The time that one piece of work has to itself. When it is over and others wait, the work is given back after its current
 * transaction and goes on when it is its turn again; as long as nobody waits it simply goes on. A turn that has brought
 * nothing yet is not over: work that is long in finding out where it was would otherwise never get on.
 */
export class Turn {
  private ended = false;
  private fruitful = false;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param stopping whether the process stops, or may not go on: that ends any turn
   * @param othersWait whether work of another account, or of a dead worker, could be taken; a failure counts as "not now"
   * @param turnMs how long before that is asked, and between one question and the next
   */
  constructor(
    private readonly stopping: () => boolean,
    private readonly othersWait: () => Promise<boolean>,
    private readonly turnMs: number,
  ) {
    this.askLater();
  }

  /** Asked before each transaction: whether to give the work back instead. */
  get over(): boolean {
    return this.stopping() || (this.ended && this.fruitful);
  }

  /** Whether it has brought nothing yet. */
  get isFresh(): boolean {
    return !this.fruitful;
  }

  /** Something was committed that need not be done again. */
  progressed(): void {
    this.fruitful = true;
  }

  /** The work is done or given back. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private askLater(): void {
    this.timer = setTimeout(() => void this.ask(), this.turnMs);
    this.timer.unref();
  }

  private async ask(): Promise<void> {
    this.ended = await this.othersWait().catch(() => false);
    if (!this.ended && this.timer !== undefined) this.askLater();
  }
}
