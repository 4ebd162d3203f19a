import { Command as Program, Option } from 'commander';
import {
  type AppCreateOptions,
  type AppListOptions,
  type AppOptions,
  type AppRenewOptions,
  type AppRevokeOptions,
  type CancelOptions,
  type GrantsOptions,
  type LastingIo,
  type MigrateOptions,
  type NoOptions,
  type PauseOptions,
  type PausesOptions,
  type ResumeOptions,
  type TokenOptions,
} from './command.js';

type Action<Options> = (options: Options, io: LastingIo) => Promise<number>;

/** Declares a command: its place and name, what it does, and where its function is, loaded when it is called. */
interface Declaration<Options> {
  readonly parent: Program;
  readonly name: string;
  readonly about: string;
  readonly load: () => Promise<Action<Options>>;
  /** It ends by itself when it is told to stop. */
  readonly lasting?: boolean;
}

/** All commands with their options. Loads none of them: `--help` is there at once. */
export function program(ended: (status: number) => void): Program {
  const expunge = new Program('expunge')
    .description("Erases users' data from a bot platform on request, and proves that it did.")
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)');
  addService(expunge, ended);
  addApps(expunge, ended);
  addRequests(expunge, ended);
  addDatabase(expunge, ended);
  return expunge;
}

function addService(parent: Program, ended: (status: number) => void): void {
  declare<NoOptions>(ended, {
    ...{ parent, name: 'serve', about: 'run the service', lasting: true },
    load: async () => (await import('./serve.js')).serve,
  });
  declare<NoOptions>(ended, {
    ...{ parent, name: 'demo', about: 'show an erasure on a sample platform, and check it', lasting: true },
    load: async () => (await import('./demo/demo.js')).demo,
  });
  declare<NoOptions>(ended, {
    ...{ parent, name: 'config', about: 'print every setting, its default and its meaning; no secrets' },
    load: async () => (await import('./config.js')).config,
  });
  declare<NoOptions>(ended, {
    ...{ parent, name: 'openapi', about: 'print the description of the API (OpenAPI 3.1)' },
    load: async () => (await import('./openapi.js')).openapi,
  });
}

function addApps(expunge: Program, ended: (status: number) => void): void {
  const parent = expunge.command('app').description('client apps: what may call the API');
  declare<AppCreateOptions>(ended, {
    ...{ parent, name: 'create', about: 'make a client app and print its secret, this once' },
    load: async () => (await import('./app.js')).appCreate,
  })
    .requiredOption('--account <id>', 'the account it belongs to')
    .requiredOption('--name <name>', 'what people call it')
    .addOption(
      new Option('--scope <scope>', 'what it may do, "Bot Analytics:Delete Users Data"; may be repeated')
        .argParser((scope: string, before?: readonly string[]) => [...(before ?? []), scope])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--from <origin>', 'where it was made')
        .choices(['admin-console', 'bot-builder'])
        .default('admin-console'),
    )
    .addOption(
      new Option('--token-policy <policy>', 'compatible takes tokens that never expire, for a while')
        .choices(['strict', 'compatible'])
        .default('strict'),
    )
    .option('--until <date>', 'end of the compatible policy; at most and by default 90 days from now')
    .option('--audience <aud>', 'the "aud" that its tokens must carry')
    .option('--require-jti', 'takes tokens for one use only', false)
    .option('--json', 'print one JSON object and nothing else', false);
  declare<AppListOptions>(ended, {
    ...{ parent, name: 'list', about: 'list the client apps, without secrets' },
    load: async () => (await import('./app.js')).appList,
  }).option('--json', 'print one JSON object and nothing else', false);
  const ofOne = (declared: Program): Program =>
    declared
      .requiredOption('--client-id <id>', 'cs-…')
      .option('--json', 'print one JSON object and nothing else', false);
  ofOne(
    declare<AppOptions>(ended, {
      ...{ parent, name: 'rotate', about: 'give an app another secret; the old one ends at once' },
      load: async () => (await import('./app.js')).appRotate,
    }),
  );
  ofOne(
    declare<AppRevokeOptions>(ended, {
      ...{ parent, name: 'revoke', about: 'end an app for good' },
      load: async () => (await import('./app.js')).appRevoke,
    }),
  ).option('--cancel', 'also cancel what has not begun of its requests', false);
  ofOne(
    declare<AppRenewOptions>(ended, {
      ...{ parent, name: 'renew', about: 'let a compatible app stay so for longer' },
      load: async () => (await import('./app.js')).appRenew,
    }),
  ).option('--until <date>', 'at most and by default 90 days from now');
  ofOne(
    declare<TokenOptions>(ended, {
      ...{ parent: expunge, name: 'token', about: 'print a token of an app' },
      load: async () => (await import('./token.js')).token,
    }),
  )
    .option('--expires-in <duration>', 'how long it is good for', '10m')
    .option('--sub <name>', 'whom it names as its user');
}

function addRequests(parent: Program, ended: (status: number) => void): void {
  declare<CancelOptions>(ended, {
    ...{ parent, name: 'cancel', about: "cancel what has not begun of an app's requests" },
    load: async () => (await import('./cancel.js')).cancel,
  })
    .requiredOption('--client-id <id>', 'cs-…')
    .requiredOption('--since <time>', 'when the first of them came: 2026-12-31, or 2026-12-31T18:00:00Z')
    .option('--json', 'print one JSON object and nothing else', false);
  const ofSomebody = (declared: Program): Program =>
    declared
      .option('--all', "everybody's work")
      .option('--account <id>', "an account's")
      .option('--request <id>', 'one request: eud-…')
      .option('--json', 'print one JSON object and nothing else', false);
  ofSomebody(
    declare<PauseOptions>(ended, {
      ...{ parent, name: 'pause', about: 'let planning and erasing rest, within one chunk in every process' },
      load: async () => (await import('./pause.js')).pause,
    }),
  ).requiredOption('--reason <text>', 'why; kept encrypted, shown by "expunge pauses"');
  ofSomebody(
    declare<ResumeOptions>(ended, {
      ...{ parent, name: 'resume', about: 'let what was paused go on' },
      load: async () => (await import('./pause.js')).resume,
    }),
  );
  declare<PausesOptions>(ended, {
    ...{ parent, name: 'pauses', about: 'list what rests, since when, who said so and why' },
    load: async () => (await import('./pause.js')).pauses,
  }).option('--json', 'print one JSON object and nothing else', false);
}

function addDatabase(expunge: Program, ended: (status: number) => void): void {
  declare<MigrateOptions>(ended, {
    ...{ parent: expunge, name: 'migrate', about: 'bring the database schema up to date' },
    load: async () => (await import('./migrate.js')).migrate,
  }).option(
    '--with-sample-platform',
    'in production too, make the sample where no schema "platform" is',
    false,
  );
  const dataMap = expunge.command('data-map').description('where personal data lives');
  declare<NoOptions>(ended, {
    ...{ parent: dataMap, name: 'check', about: 'hold the data map against the database; 1 if they differ' },
    load: async () => (await import('./data-map.js')).dataMapCheck,
  });
  declare<GrantsOptions>(ended, {
    ...{ parent: expunge, name: 'grants', about: 'print the SQL that gives a role what the service needs' },
    load: async () => (await import('./grants.js')).grants,
  })
    .requiredOption('--role <name>', 'the role the service runs under')
    .option('--without-delete', 'nothing that erases: to look at everything first', false);
}

function declare<Options>(ended: (status: number) => void, declaration: Declaration<Options>): Program {
  const { parent, name, about, load, lasting = false } = declaration;
  return parent
    .command(name)
    .description(about)
    .action(async (options: Options) => {
      const { runCommand } = await import('./run-command.js');
      const command = async (io: LastingIo): Promise<number> => (await load())(options, io);
      ended(await runCommand({ command, lasting }));
    });
}
