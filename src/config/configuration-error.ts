/** Everything that is wrong with the configuration, at once. Names settings, never their values. Exit status 78. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
  }
}
