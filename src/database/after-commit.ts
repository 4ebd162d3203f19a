import { type EntityManager } from 'typeorm';

const waiting = new WeakMap<EntityManager, (() => void)[]>();

/**
 * Does something that is not of the database (counting, say) once the transaction that `manager` stands for has committed;
 * never when it is rolled back. Outside `inTransaction`, at once. `work` must not throw.
 */
export function afterCommit(manager: EntityManager, work: () => void): void {
  const list = waiting.get(manager);
  if (list) list.push(work);
  else work();
}

/** For `inTransaction`: collects what `afterCommit` is given for this manager. @returns to be called after the commit */
export function collectAfterCommit(manager: EntityManager): () => void {
  const list: (() => void)[] = [];
  waiting.set(manager, list);
  return () => {
    for (const work of list) work();
  };
}
