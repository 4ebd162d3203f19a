/** What somebody is given who stands in line. */
export interface Place {
  /** Settles when everybody before has left; null: nobody was there. */
  readonly turn: Promise<void> | null;
  readonly leave: () => void;
}

/** Lets in one after the other, in the order in which they came. Whoever has come must leave, whatever becomes of them. */
export class OneAfterAnother {
  private last: Promise<void> = Promise.resolve();
  private there = 0;

  come(): Place {
    const turn = this.there === 0 ? null : this.last;
    let left = (): void => undefined;
    const mine = new Promise<void>((resolve) => (left = resolve));
    this.last = this.last.then(() => mine);
    this.there += 1;
    return {
      turn,
      leave: () => {
        this.there -= 1;
        left();
      },
    };
  }
}
