/** The scope of this interface, by its two names: to version 9 of the platform, and from 10 on. They are one scope. */
export const DELETE_USERS_DATA = 'Bot Analytics:Delete Users Data';
const DELETE_USERS_DATA_LATER = 'Profile Management:Delete Users Data';

/** Requests of up to a million entries. */
export const ERASE_IN_BULK = 'Erasure:Bulk';

/** The brake: lets the account's work rest, and go on. */
export const PAUSE = 'Admin:Pause';

/** Scopes that open something here. Apps may hold others; those open nothing. */
export type Scope = typeof DELETE_USERS_DATA | typeof ERASE_IN_BULK | typeof PAUSE;

const namesOf: Readonly<Record<Scope, readonly string[]>> = {
  [DELETE_USERS_DATA]: [DELETE_USERS_DATA, DELETE_USERS_DATA_LATER],
  [ERASE_IN_BULK]: [ERASE_IN_BULK],
  [PAUSE]: [PAUSE],
};

export function isKnownScope(name: string): boolean {
  return Object.values(namesOf).some((names) => names.includes(name));
}

/** Whether one who holds `held` may do what needs `scope`. A scope that nobody knows is held by nobody. */
export function holdsScope(held: readonly string[], scope: string): boolean {
  const names = Object.hasOwn(namesOf, scope) ? namesOf[scope as Scope] : [];
  return names.some((name) => held.includes(name));
}

/** `Group:Name`, as `--scope` takes it. */
export function isWellFormedScope(name: string): boolean {
  return /^[^:\p{C}]+:\P{C}+$/u.test(name) && name.length <= 200;
}
