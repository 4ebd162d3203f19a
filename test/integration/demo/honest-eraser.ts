import { type SamplePerson } from '../../../src/cli/demo/sample-platform/sample-person.js';
import { type TestDatabase } from '../../support/postgres.js';

/** Erases one person of the sample who shares nothing with others but sessions: plainly, one statement a table. */
export async function eraseHonestly(database: TestDatabase, person: SamplePerson): Promise<void> {
  const { userId, identities, account } = person;
  const notElsewhere = `(bot_id IS NULL OR bot_id NOT IN (SELECT id FROM platform.bots WHERE account_id <> '${account.id}'))`;
  const run = (text: string): Promise<unknown> => database.run(text, [userId]);
  for (const { channelId, channelUserId, botId } of identities) {
    const bots = account.bots.map(({ id }) => id).filter((id) => botId === null || id === botId);
    await database.run(
      `DELETE FROM platform.messages WHERE user_id IS NULL AND channel_id = $1 AND channel_user_id = $2 AND bot_id = ANY ($3)`,
      [channelId, channelUserId, bots],
    );
    await database.run(`DELETE FROM platform.debug_logs WHERE identity = $1 AND bot_id = ANY ($2)`, [
      `${channelId}/${channelUserId}`,
      bots,
    ]);
    await database.run(
      `UPDATE platform.analytics_events SET ${forgotten} WHERE user_id IS NULL AND channel_id = $1
       AND channel_user_id = $2 AND bot_id = ANY ($3)`,
      [channelId, channelUserId, bots],
    );
  }
  await run(`UPDATE platform.analytics_events SET ${forgotten} WHERE user_id = $1 AND ${notElsewhere}`);
  for (const table of ['attachments', 'messages', 'feedback', 'agent_transfers'])
    await run(`DELETE FROM platform.${table} WHERE user_id = $1 AND ${notElsewhere}`);
  const hangsOn = ['messages', 'feedback', 'agent_transfers'].map(
    (table) => `EXISTS (SELECT FROM platform.${table} o WHERE o.session_id = s.id)`,
  );
  await run(
    `DELETE FROM platform.sessions s WHERE user_id = $1 AND ${notElsewhere} AND NOT (${hangsOn.join(' OR ')})`,
  );
  await run(
    `UPDATE platform.sessions SET user_id = NULL, channel_id = NULL, tags = '{}' WHERE user_id = $1 AND ${notElsewhere}`,
  );
  for (const table of ['user_context', 'oauth_tokens', 'alert_subscriptions'])
    await run(`DELETE FROM platform.${table} WHERE user_id = $1 AND ${notElsewhere}`);
  await run(`DELETE FROM platform.user_identities WHERE user_id = $1`);
  await run(`DELETE FROM platform.users WHERE id = $1`);
}

const forgotten = `user_id = NULL, channel_id = NULL, channel_user_id = NULL, ip_address = NULL, properties = '{}',
  occurred_on = date_trunc('day', occurred_on, 'UTC')`;
