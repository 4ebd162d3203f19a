import { duration } from '../config/parsers.js';
import { withAuthServices } from './auth-services.js';
import { type Command, CommandFailure, exitStatus, type TokenOptions } from './command.js';

const SUBJECT = 'operator';

/** Prints a token of an app, and nothing else, so that it can stand in a curl: `-H "auth: $(expunge token …)"`. */
export const token: Command<TokenOptions> = async (options, io) => {
  const lifetimeMs = duration.parse(options.expiresIn);
  if (lifetimeMs === undefined)
    throw new CommandFailure(`--expires-in must be ${duration.expected}`, exitStatus.wrongUsage);
  const issued = await withAuthServices(io, ({ issuer }) =>
    issuer.issue(options.clientId, options.sub ?? SUBJECT, lifetimeMs / 1000),
  );
  const expiresOn = issued.expiresOn.toISOString();
  if (options.json) io.out(JSON.stringify({ token: issued.token, expiresOn }));
  else {
    io.out(issued.token);
    io.err(`good until ${expiresOn}`);
  }
  return exitStatus.done;
};
