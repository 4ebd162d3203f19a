/**
 * One thing that a process needs for its own work. `/health/ready` asks every provider that extends this class, whatever
 * module it stands in: providing it is all there is to do.
 */
export abstract class ReadinessCheck {
  /** A word of ours (`database`): it stands in the answer. */
  abstract readonly name: string;

  /** Whether it is there now. An error or a long silence counts as no. */
  abstract ready(): Promise<boolean>;
}
