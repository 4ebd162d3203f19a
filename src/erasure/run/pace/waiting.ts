/** Why work waits for others. Clients read it: never rename one. */
export const waitReasons = ['REPLICA_LAG', 'LOCK_WAITERS'] as const;
export type WaitReason = (typeof waitReasons)[number];

/** What a batch waits for, by the database's clock. */
export interface Waiting {
  readonly reason: WaitReason;
  readonly since: Date;
}
