import { withAuthServices } from './auth-services.js';
import { cancelSince, jsonOf, sentenceOf, statusOf } from './cancelling.js';
import { type CancelOptions, type Command, CommandFailure, exitStatus } from './command.js';
import { parseDate } from './parse-date.js';

/** Cancels everything of an app since then that has not begun; what has begun is finished. */
export const cancel: Command<CancelOptions> = async ({ clientId, since, json }, io) => {
  const from = parseDate(since);
  if (from === null)
    throw new CommandFailure(
      '--since must be a date or a moment: 2026-12-31, or 2026-12-31T18:00:00Z',
      exitStatus.wrongUsage,
    );
  if (!(await withAuthServices(io, ({ apps }) => apps.exists(clientId))))
    throw new CommandFailure('there is no client app with this id');
  const done = await cancelSince(clientId, from, io);
  io.out(json ? JSON.stringify({ clientId, ...jsonOf(done) }) : sentenceOf(done));
  return statusOf(done);
};
