/** The master key is missing or does not unwrap the data keys: a process that meets this must not go on. */
export class MasterKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MasterKeyError';
  }
}
