/**
 * Something that has to know at once that the process was told to stop, before anything is closed: every provider that
 * extends this class is told, whatever module it stands in. What it uses (queue, database) is still there; closing comes
 * later, by Nest's own hooks, and perhaps without this.
 */
export abstract class StopListener {
  /** Returns at once and never throws. May be called twice. */
  abstract onStop(): void;
}
