import { Random } from './random.js';
import { row, type SampleRow } from './sample-table.js';

export interface SampleBot {
  readonly id: string;
  readonly name: string;
}

export interface SampleAccount {
  /** 24 hexadecimal characters. */
  readonly id: string;
  readonly name: string;
  readonly bots: readonly [SampleBot, ...SampleBot[]];
  /** A bot that was deleted: rows of it are still there. */
  readonly goneBotId: string;
}

export interface SampleWorld {
  /** The account whose people are erased in the demo. */
  readonly main: SampleAccount;
  /** Another tenant; some of its users share emails, enterprise ids and identities with users of the first. */
  readonly other: SampleAccount;
}

/** The accounts and bots that go with a seed: 8 bots and 4. */
export function sampleWorld(seed: number): SampleWorld {
  const random = new Random(seed, 1);
  const account = (name: string, bots: readonly [string, ...string[]]): SampleAccount => {
    const [first, ...rest] = bots;
    const bot = (called: string): SampleBot => ({ id: `st-${random.uuid()}`, name: called });
    return {
      id: random.hex(24),
      name,
      bots: [bot(first), ...rest.map(bot)],
      goneBotId: `st-${random.uuid()}`,
    };
  };
  return {
    main: account('Northwind Telecom', [
      'Billing',
      'Orders',
      'Support',
      'Roaming',
      'Field Service',
      'Loyalty',
      'HR Desk',
      'Outages',
    ]),
    other: account('Contoso Health', ['Appointments', 'Pharmacy', 'Claims', 'Reception']),
  };
}

/** A bot of the account, the first where there is none of this number. */
export function botOf(account: SampleAccount, number: number): SampleBot {
  return account.bots[number % account.bots.length] ?? account.bots[0];
}

export function* worldRows(world: SampleWorld, seed: number): Generator<SampleRow> {
  for (const account of [world.main, world.other]) {
    yield row('accounts', { id: account.id, name: account.name });
    for (const bot of account.bots) yield row('bots', { id: bot.id, account_id: account.id, name: bot.name });
  }
  const random = new Random(seed, 2);
  for (const account of [world.main, world.other])
    for (const bot of account.bots)
      for (let i = random.int(80, 160); i > 0; i--)
        yield row('data_table_rows', {
          bot_id: bot.id,
          table_name: random.pick(['opening_hours', 'tariffs', 'holidays']),
          row: { key: random.hex(6), value: random.int(1, 500) },
          created_by: bot.id,
        });
}
