/**
 * Something of ours does not authenticate: altered, moved to another place, or under a key that does not belong there.
 * Says nothing of the content. Never worth a retry.
 */
export class IntegrityError extends Error {
  constructor() {
    super('stored data does not authenticate');
    this.name = 'IntegrityError';
  }
}
