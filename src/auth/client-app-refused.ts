/** Something asked about a client app that can't be: one sentence for people. */
export class ClientAppRefused extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'ClientAppRefused';
  }
}
