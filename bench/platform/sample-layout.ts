import { type DataSource } from 'typeorm';
import { type Layout, type Population } from './layout.js';
import { withoutIndexes } from './without-indexes.js';
import { directoryTables, idsPerPerson, people, personIn, seedDirectory, userId } from './seed-directory.js';

/** SQL of a row of analytics_events: not overwritten yet. */
const identified = `NOT (user_id IS NULL AND channel_id IS NULL AND channel_user_id IS NULL AND ip_address IS NULL
  AND properties = '{}' AND occurred_on = date_trunc('day', occurred_on, 'UTC'))`;

const collections = [
  ['sessions', personIn.id],
  ['messages', personIn.id],
  ['attachments', personIn.id],
  ['feedback', personIn.number],
  ['user_context', personIn.userId],
  ['oauth_tokens', personIn.number],
  ['alert_subscriptions', personIn.number],
  ['agent_transfers', personIn.number],
  ['debug_logs', personIn.number],
  ['analytics_events', personIn.number],
] as const;
type Collection = (typeof collections)[number][0];

/** SQL of how many rows a person has in a collection. */
type Profile = Readonly<Record<Collection, string>>;

/** The same for everybody. */
const fifty: Profile = {
  sessions: '3',
  messages: '25',
  attachments: '3',
  feedback: '2',
  user_context: '1',
  oauth_tokens: '1',
  alert_subscriptions: '2',
  agent_transfers: '2',
  debug_logs: '5',
  analytics_events: '6',
};

/** Three kinds of people who left little, in turns. */
const five: Profile = {
  sessions: ofKind(1, 0, 0),
  messages: ofKind(2, 2, 1),
  attachments: ofKind(0, 0, 1),
  feedback: ofKind(0, 1, 0),
  user_context: ofKind(0, 1, 0),
  oauth_tokens: ofKind(0, 1, 0),
  alert_subscriptions: ofKind(0, 0, 1),
  agent_transfers: ofKind(0, 0, 1),
  debug_logs: ofKind(1, 0, 0),
  analytics_events: ofKind(1, 0, 1),
};

function ofKind(...rows: readonly [number, number, number]): string {
  return `(ARRAY[${rows.join(', ')}])[deal % 3 + 1]`;
}

/** The sample platform with its own data map: ten collections of personal data, one of them overwritten. */
export function sampleLayout(rowsPerPerson: 50 | 5): Layout {
  const profile = rowsPerPerson === 50 ? fifty : five;
  return {
    dataMapPath: 'data-map.yaml',
    rowsPerPerson,
    tables: [
      ...collections.map(([name, person]) => ({
        name: `platform.${name}`,
        person,
        left: name === 'analytics_events' ? identified : 'true',
      })),
      ...directoryTables,
    ],
    async seed(source, population) {
      await withoutIndexes(source, 'platform', async () => {
        await seedDirectory(source, population);
        await Promise.all(collections.map(([name]) => seedCollection(source, population, profile, name)));
      });
    },
  };
}

async function seedCollection(
  source: DataSource,
  population: Population,
  profile: Profile,
  name: Collection,
): Promise<void> {
  const values = columnsOf(profile)[name];
  // In the order of time: somebody's rows lie together as far as they are of one conversation.
  await source.query(`INSERT INTO platform.${name} (${Object.keys(values).join(', ')})
    SELECT ${Object.values(values).join(', ')}
    FROM (SELECT * FROM ${people(population)}, LATERAL generate_series(0, ${profile[name]} - 1) AS j ORDER BY j / 8, p) AS r`);
}

function columnsOf(profile: Profile): Readonly<Record<Collection, Readonly<Record<string, string>>>> {
  const number = `p::bigint * ${idsPerPerson} + 1 + j`;
  const at = `timestamptz '2026-01-01Z' + (p * 7 + j) * interval '1 minute'`;
  const text = `md5(p || 'a' || j) || ' ' || md5(p || 'b' || j)`;
  const session = `CASE WHEN ${profile.sessions} > 0 THEN ${textId('ss', `j % greatest(${profile.sessions}, 1)`)} END`;
  // Every tenth was written before anybody knew whose it was.
  const known = `CASE WHEN j % 10 < 9 THEN ${userId} END`;
  const own = { bot_id: 'bot', user_id: userId };
  return {
    sessions: {
      id: textId('ss', 'j'),
      ...own,
      channel_id: `'rtm'`,
      started_on: at,
      tags: `'{"topic": "help"}'`,
    },
    messages: {
      id: textId('ms', 'j'),
      session_id: session,
      bot_id: 'bot',
      user_id: known,
      channel_id: `'rtm'`,
      channel_user_id: `h || '-' || p`,
      direction: `'in'`,
      body: `jsonb_build_object('text', ${text})`,
      created_on: at,
    },
    attachments: {
      id: textId('at', 'j'),
      message_id: textId('ms', 'j'),
      ...own,
      file_name: `'photo.jpg'`,
      size_bytes: '200',
      content: `decode(repeat(md5(p || 'c' || j), 6), 'hex')`,
    },
    feedback: {
      id: number,
      ...own,
      session_id: session,
      survey: `'nps'`,
      score: '7',
      comments: text,
      created_on: at,
    },
    user_context: { ...own, variables: `jsonb_build_object('city', ${text})`, updated_on: at },
    oauth_tokens: { id: number, ...own, provider: `'crm'`, token: text, expires_on: at },
    alert_subscriptions: { id: number, ...own, alert: `'news'`, schedule: `'daily'`, created_on: at },
    agent_transfers: {
      id: number,
      ...own,
      session_id: session,
      agent: `'desk'`,
      transcript: `jsonb_build_object('text', ${text})`,
      created_on: at,
    },
    debug_logs: {
      id: number,
      bot_id: 'bot',
      identity: `'rtm/' || h || '-' || p`,
      context: `jsonb_build_object('raw', ${text})`,
      created_on: at,
    },
    analytics_events: {
      id: number,
      ...own,
      channel_id: `'rtm'`,
      channel_user_id: `h || '-' || p`,
      ip_address: `'192.0.2.' || p % 250`,
      event: `'opened'`,
      properties: `jsonb_build_object('page', ${text})`,
      occurred_on: at,
    },
  };
}

/** Random in the order of an index, as such ids are; the person's number can be read from it. */
function textId(prefix: string, index: string): string {
  return `'${prefix}-' || substr(md5(p || '.' || ${index}), 1, 10) || '-' || p || '-' || ${index}`;
}
