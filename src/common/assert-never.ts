/** Makes a switch over a closed union exhaustive: a member that was forgotten does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unexpected member of a closed union: ${typeof value}`);
}
