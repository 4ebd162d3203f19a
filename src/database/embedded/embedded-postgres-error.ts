/** Why the embedded PostgreSQL can't be had: one sentence for people, with the command or the path that settles it. */
export class EmbeddedPostgresError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'EmbeddedPostgresError';
  }
}
