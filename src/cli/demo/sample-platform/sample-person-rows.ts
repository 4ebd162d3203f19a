import { Random } from './random.js';
import { after } from './sample-activity.js';
import { type SamplePerson } from './sample-person.js';
import { row, type SampleRow } from './sample-table.js';
import { alerts, providers } from './sample-words.js';
import { botOf } from './sample-world.js';

const joinedOn = Date.UTC(2025, 3, 1);

/** What the directory and the bots hold of someone besides conversations. A visitor has nothing of it. */
export function* personRows(person: SamplePerson, seed: number): Generator<SampleRow> {
  const { userId } = person;
  if (userId === null) return;
  const random = new Random(seed, 6, person.index);
  yield* directoryRows(person, userId, random);
  const bot = (number: number): string => botOf(person.account, person.index + number).id;
  for (let i = random.int(0, 3); i > 0; i--)
    yield row('user_context', {
      bot_id: random.chance(0.02) ? person.account.goneBotId : bot(i),
      user_id: userId,
      variables: { firstName: person.firstName, email: person.email, tier: random.pick(['gold', 'silver']) },
      updated_on: after(joinedOn, random.int(0, 40_000_000)),
    });
  for (let i = random.int(0, 1); i > 0; i--)
    yield row('oauth_tokens', {
      bot_id: bot(random.int(0, 2)),
      user_id: userId,
      provider: random.pick(providers),
      token: random.hex(40),
      expires_on: after(joinedOn, random.int(0, 60_000_000)),
    });
  for (let i = random.int(0, 2); i > 0; i--)
    yield row('alert_subscriptions', {
      bot_id: random.chance(0.05) ? null : bot(random.int(0, 2)),
      user_id: userId,
      alert: random.pick(alerts),
      schedule: `0 ${random.int(6, 20)} * * *`,
      created_on: after(joinedOn, random.int(0, 40_000_000)),
    });
}

function* directoryRows(person: SamplePerson, userId: string, random: Random): Generator<SampleRow> {
  yield row('users', {
    id: userId,
    account_id: person.account.id,
    email: person.email,
    enterprise_id: person.enterpriseId,
    first_name: person.firstName,
    last_name: person.lastName,
    custom_data: {
      language: random.pick(['en', 'de', 'fr', 'ja']),
      birthday: `19${random.int(60, 99)}-05-17`,
    },
    created_on: after(joinedOn, person.index),
  });
  for (const { channelId, channelUserId, botId } of person.identities)
    yield row('user_identities', {
      user_id: userId,
      bot_id: botId,
      channel_id: channelId,
      channel_user_id: channelUserId,
      created_on: after(joinedOn, person.index + 60),
    });
  for (const { of, role, id } of person.roles)
    yield of === 'account'
      ? row('account_members', { account_id: id, user_id: userId, role })
      : row('bot_members', { bot_id: id, user_id: userId, role });
}
