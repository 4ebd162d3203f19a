import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

/** A row as TypeORM hands it out. */
export type OrmRow = Record<string, unknown>;

/** The sample platform's tables as somebody's TypeORM service would map them: primary key first. */
const columns = {
  attachments: 'id message_id bot_id user_id file_name content_type size_bytes content:bytea',
  messages:
    'id session_id bot_id user_id channel_id channel_user_id direction body:jsonb created_on:timestamptz',
  feedback: 'id:bigint bot_id user_id session_id survey score:integer comments created_on:timestamptz',
  agent_transfers: 'id:bigint bot_id user_id session_id agent transcript:jsonb created_on:timestamptz',
  sessions: 'id bot_id user_id channel_id started_on:timestamptz ended_on:timestamptz tags:jsonb',
  user_context: 'user_id bot_id variables:jsonb updated_on:timestamptz',
  oauth_tokens: 'id:bigint bot_id user_id provider token expires_on:timestamptz',
  alert_subscriptions: 'id:bigint bot_id user_id alert schedule created_on:timestamptz',
  debug_logs: 'id:bigint bot_id identity context:jsonb created_on:timestamptz',
  analytics_events:
    'id:bigint bot_id user_id channel_id channel_user_id ip_address event properties:jsonb occurred_on:timestamptz',
  user_identities: 'id:bigint user_id bot_id channel_id channel_user_id created_on:timestamptz',
  users: 'id account_id email enterprise_id first_name last_name custom_data:jsonb created_on:timestamptz',
} as const;
export type OrmTable = keyof typeof columns;

export const ormSchemas = Object.fromEntries(
  Object.entries(columns).map(([name, list]) => [name, schemaOf(name, list)]),
) as Readonly<Record<OrmTable, EntitySchema<OrmRow>>>;

/** A data source that knows these tables and nothing else. */
export async function openOrm(url: string, name: string): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: name,
    entities: Object.values(ormSchemas),
    installExtensions: false,
    synchronize: false,
    logging: false,
    poolSize: 2,
  }).initialize();
}

function schemaOf(name: string, list: string): EntitySchema<OrmRow> {
  const described = list.split(' ').map((column, index): [string, EntitySchemaColumnOptions] => {
    const [title = '', type = 'text'] = column.split(':');
    const primary = index === 0 || (name === 'user_context' && title === 'bot_id');
    return [title, { type: type as 'text', primary, nullable: !primary }];
  });
  return new EntitySchema<OrmRow>({
    name,
    schema: 'platform',
    tableName: name,
    columns: Object.fromEntries(described),
  });
}
