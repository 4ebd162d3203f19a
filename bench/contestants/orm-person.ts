import { type DataSource, type FindOptionsWhere, In, IsNull } from 'typeorm';
import { botIds } from '../platform/layout.js';
import { type OrmRow, ormSchemas, type OrmTable } from './orm-entities.js';

/** Rows of one person in one table. */
export interface OrmPart {
  readonly table: OrmTable;
  readonly where: FindOptionsWhere<OrmRow>;
}

/** What an overwritten event holds from then on, its day besides. */
export const overwritten = {
  user_id: null,
  channel_id: null,
  channel_user_id: null,
  ip_address: null,
  properties: {},
};

/** Everything of a person, in the order in which foreign keys allow it; their identities are looked up first. */
export async function partsOf(source: DataSource, userId: string): Promise<readonly OrmPart[]> {
  const identities = await source.manager.find(ormSchemas.user_identities, { where: { user_id: userId } });
  const pairs = {
    user_id: IsNull(),
    channel_id: In(identities.map((row) => row['channel_id'])),
    channel_user_id: In(identities.map((row) => row['channel_user_id'])),
    bot_id: In([...botIds]),
  };
  const own = { user_id: userId };
  const joined = identities.map((row) => `${String(row['channel_id'])}/${String(row['channel_user_id'])}`);
  return [
    { table: 'attachments', where: own },
    { table: 'messages', where: own },
    { table: 'messages', where: pairs },
    { table: 'feedback', where: own },
    { table: 'agent_transfers', where: own },
    { table: 'sessions', where: own },
    { table: 'user_context', where: own },
    { table: 'oauth_tokens', where: own },
    { table: 'alert_subscriptions', where: own },
    { table: 'debug_logs', where: { identity: In(joined), bot_id: In([...botIds]) } },
    { table: 'analytics_events', where: own },
    { table: 'analytics_events', where: pairs },
    { table: 'user_identities', where: own },
    { table: 'users', where: { id: userId } },
  ];
}
