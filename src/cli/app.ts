import { type ClientApp } from '../auth/client-app.js';
import { isKnownScope, isWellFormedScope } from '../auth/scopes.js';
import { withAuthServices } from './auth-services.js';
import {
  type AppCreateOptions,
  type AppListOptions,
  type AppOptions,
  type AppRenewOptions,
  type AppRevokeOptions,
  type Command,
  CommandFailure,
  exitStatus,
} from './command.js';
import { cancelAllOf, jsonOf, sentenceOf, statusOf } from './cancelling.js';
import { parseDate } from './parse-date.js';

const SHOWN_ONCE = 'The secret is shown this once. If it is lost, rotate it.';

/** Makes a client app and shows its secret, this once. */
export const appCreate: Command<AppCreateOptions> = async (options, io) => {
  const { account: accountId, name, from: origin, tokenPolicy, json } = options;
  if (!/^\P{C}{1,200}$/u.test(name) || name.trim() === '')
    throw wrongUsage('--name must be 1 to 200 printable characters');
  const scopes = [...new Set(options.scope)];
  if (scopes.length === 0 || !scopes.every(isWellFormedScope))
    throw wrongUsage('--scope must be a group and a name: "Bot Analytics:Delete Users Data"');
  if (options.until !== undefined && tokenPolicy !== 'compatible')
    throw wrongUsage('--until goes with --token-policy compatible');
  const app = {
    accountId,
    name,
    scopes,
    origin,
    tokenPolicy,
    tokenPolicyUntil: untilOf(options),
    audience: options.audience ?? null,
    requireJti: options.requireJti ?? false,
  };
  const { clientId, clientSecret, accountKnown } = await withAuthServices(io, ({ apps }) => apps.create(app));
  if (!accountKnown)
    io.err('warning: the platform has no account with this id; the app can do nothing until it has');
  for (const scope of scopes)
    if (!isKnownScope(scope)) io.err(`warning: the scope "${scope}" is not known here and opens nothing`);
  if (origin === 'bot-builder') io.err('warning: apps from the Bot Builder may not use this API');
  if (json) io.out(JSON.stringify({ clientId, clientSecret, accountId, scopes }));
  else {
    io.out(`client id      ${clientId}\nclient secret  ${clientSecret}`);
    io.err(SHOWN_ONCE);
  }
  return exitStatus.done;
};

/** Shows all apps, without their secrets. */
export const appList: Command<AppListOptions> = async ({ json }, io) => {
  const apps = await withAuthServices(io, (services) => services.apps.list());
  if (json) io.out(JSON.stringify({ apps }));
  else if (apps.length === 0) io.err('There are no client apps yet.');
  else io.out(apps.map(lineOf).join('\n'));
  return exitStatus.done;
};

/** Gives an app another secret; what is signed with the old one is refused within a second. */
export const appRotate: Command<AppOptions> = async ({ clientId, json }, io) => {
  const { clientSecret } = await withAuthServices(io, ({ apps }) => apps.rotate(clientId));
  if (json) io.out(JSON.stringify({ clientId, clientSecret }));
  else {
    io.out(`client id      ${clientId}\nclient secret  ${clientSecret}`);
    io.err(SHOWN_ONCE);
  }
  return exitStatus.done;
};

/** Ends an app for good, within a second in every process; with `cancel` also what has not begun of its requests. */
export const appRevoke: Command<AppRevokeOptions> = async ({ clientId, cancel, json }, io) => {
  await withAuthServices(io, ({ apps }) => apps.revoke(clientId));
  const done = cancel ? await cancelAllOf(clientId, io) : null;
  if (json) io.out(JSON.stringify({ clientId, revoked: true, ...(done && jsonOf(done)) }));
  else io.out([`revoked ${clientId}`, ...(done === null ? [] : [sentenceOf(done)])].join('\n'));
  return done === null ? exitStatus.done : statusOf(done);
};

/** Lets a `compatible` app stay so for longer. */
export const appRenew: Command<AppRenewOptions> = async (options, io) => {
  const { clientId, json } = options;
  const until = untilOf(options);
  const end = (await withAuthServices(io, ({ apps }) => apps.renew(clientId, until))).toISOString();
  io.out(
    json ? JSON.stringify({ clientId, tokenPolicyUntil: end }) : `${clientId} is compatible until ${end}`,
  );
  return exitStatus.done;
};

function untilOf({ until }: { readonly until?: string }): Date | null {
  if (until === undefined) return null;
  const date = parseDate(until);
  if (date === null) throw wrongUsage('--until must be a date: 2026-12-31, or 2026-12-31T18:00:00Z');
  return date;
}

function lineOf(app: ClientApp): string {
  const policy =
    app.tokenPolicyUntil === null
      ? app.tokenPolicy
      : `${app.tokenPolicy} until ${app.tokenPolicyUntil.toISOString()}`;
  const state = app.revokedOn === null ? 'in use' : `revoked ${app.revokedOn.toISOString()}`;
  return [app.clientId, app.accountId, app.name, app.scopes.join(', '), app.origin, policy, state].join('  ');
}

function wrongUsage(sentence: string): CommandFailure {
  return new CommandFailure(sentence, exitStatus.wrongUsage);
}
