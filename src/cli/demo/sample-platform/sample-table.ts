/** The tables of the sample platform, parents before children: the order in which rows can be written. */
export const sampleTables = [
  'accounts',
  'users',
  'user_identities',
  'account_members',
  'bots',
  'bot_members',
  'sessions',
  'messages',
  'attachments',
  'feedback',
  'user_context',
  'oauth_tokens',
  'alert_subscriptions',
  'agent_transfers',
  'debug_logs',
  'analytics_events',
  'data_table_rows',
] as const;
export type SampleTable = (typeof sampleTables)[number];

/** A row to be written: values by column name. A column that is left out is null, a generated id generated. */
export interface SampleRow {
  readonly table: SampleTable;
  readonly values: Readonly<Record<string, unknown>>;
}

export function row(table: SampleTable, values: Readonly<Record<string, unknown>>): SampleRow {
  return { table, values };
}
