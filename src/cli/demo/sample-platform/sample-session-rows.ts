import { Random } from './random.js';
import { after, startOf, type Visit } from './sample-activity.js';
import { type SamplePeople } from './sample-people.js';
import { type SampleIdentity, type SamplePerson } from './sample-person.js';
import { row, type SampleRow } from './sample-table.js';
import { agents, answers, events, files, questions, surveys } from './sample-words.js';
import { botOf, type SampleWorld } from './sample-world.js';

/** A session as its rows see it. */
interface Session {
  readonly id: string;
  readonly botId: string | null;
  readonly host: SamplePerson;
  readonly identity: SampleIdentity;
  readonly startMs: number;
}

/** All rows that one visit leaves. Parents before children. */
export function* sessionRows(
  people: SamplePeople,
  world: SampleWorld,
  seed: number,
  visit: Visit,
): Generator<SampleRow> {
  const random = new Random(seed, 5, visit.index, visit.number);
  const host = people.at(visit.index);
  const identity = random.chance(0.6) ? host.identities[0] : random.pick(host.identities);
  const id = random.hex(8) + hex(visit.index, 8) + hex(visit.number, 8);
  const botId = botIdOf(random, world, host, identity);
  const session: Session = { id, botId, host, identity, startMs: startOf(visit, random) };

  yield row('sessions', {
    id,
    bot_id: botId,
    user_id: host.userId,
    channel_id: identity.channelId,
    started_on: after(session.startMs, 0),
    ended_on: after(session.startMs, random.int(60, 1800)),
    tags:
      host.userId === null
        ? {}
        : { name: host.firstName, mood: random.pick(['calm', 'angry', 'in a hurry']) },
  });
  // Before the first session has found out who it talks to, rows carry the channel's id alone.
  const unknownUntil = visit.number === 0 && host.userId !== null && isOwnBot(host, botId) ? 2 : 0;
  yield* messageRows(session, host, identity, random, random.int(4, 12), unknownUntil);
  yield* traceRows(session, random, unknownUntil);
  if (host.userId === null) return;
  if (random.chance(0.05)) yield* sharedRows(session, people.neighbour(host), random);
  if (random.chance(0.2)) yield feedbackRow(session, random);
  if (random.chance(0.12)) yield transferRow(session, host, random);
}

/** Mostly a bot for which the identity counts; sometimes one that is gone, none, or (from the main account) a foreign one. */
function botIdOf(
  random: Random,
  { main, other }: SampleWorld,
  { account, index, userId }: SamplePerson,
  identity: SampleIdentity,
): string | null {
  const which = random.next();
  if (userId !== null && which < 0.015) return account.goneBotId;
  if (userId !== null && which < 0.03) return null;
  if (userId !== null && account === main && which < 0.035) return botOf(other, index).id;
  return identity.botId ?? botOf(account, index + random.int(0, 2)).id;
}

function isOwnBot({ account }: SamplePerson, botId: string | null): boolean {
  return account.bots.some((bot) => bot.id === botId);
}

function* messageRows(
  session: Session,
  speaker: SamplePerson,
  identity: SampleIdentity,
  random: Random,
  count: number,
  unknownUntil: number,
): Generator<SampleRow> {
  for (let i = 0; i < count; i++) {
    const id = `ms-${session.id}-${hex(speaker.index, 8)}-${i}`;
    const incoming = i % 2 === 0;
    const userId = i < unknownUntil ? null : speaker.userId;
    yield row('messages', {
      id,
      session_id: session.id,
      bot_id: session.botId,
      user_id: userId,
      channel_id: identity.channelId,
      channel_user_id: identity.channelUserId,
      direction: incoming ? 'incoming' : 'outgoing',
      body: incoming
        ? { text: `${random.pick(questions)} ${speaker.firstName} ${speaker.lastName}`, from: speaker.email }
        : { text: random.pick(answers) },
      created_on: after(session.startMs, 5 + i * 20),
    });
    if (incoming && userId !== null && random.chance(0.06)) {
      const [fileName, contentType] = random.pick(files);
      yield row('attachments', {
        id: `at-${id}`,
        message_id: id,
        bot_id: session.botId,
        user_id: userId,
        file_name: fileName,
        content_type: contentType,
        size_bytes: 48,
        content: `\\x${random.hex(96)}`,
      });
    }
  }
}

/** What is written about a session beside it: debug logs by joined identity, analytics by whatever was known then. */
function* traceRows(session: Session, random: Random, unknownUntil: number): Generator<SampleRow> {
  const { host, identity, botId, startMs } = session;
  for (let i = random.int(0, 3); i > 0; i--)
    yield row('debug_logs', {
      bot_id: botId,
      identity: `${identity.channelId}/${identity.channelUserId}`,
      context: { raw: `sender=${identity.channelUserId} name=${host.firstName}`, node: random.hex(6) },
      created_on: after(startMs, random.int(0, 600)),
    });
  for (let i = 0, count = random.int(1, 4); i < count; i++) {
    const known = i >= unknownUntil;
    yield row('analytics_events', {
      bot_id: botId,
      user_id: known ? host.userId : null,
      channel_id: identity.channelId,
      channel_user_id: identity.channelUserId,
      ip_address: `198.51.100.${random.int(1, 254)}`,
      event: random.pick(events),
      properties: { agent: 'Mozilla/5.0', visitor: random.hex(8) },
      occurred_on: after(startMs, random.int(0, 900)),
    });
  }
}

/** Somebody else joins, and an agent: from here on the session is not the host's alone. */
function* sharedRows(session: Session, guest: SamplePerson, random: Random): Generator<SampleRow> {
  yield* messageRows(session, guest, guest.identities[0], random, 4, 0);
  yield row('messages', {
    id: `ms-agent-${session.id}`,
    session_id: session.id,
    bot_id: session.botId,
    direction: 'agent',
    body: { text: random.pick(answers) },
    created_on: after(session.startMs, 400),
  });
  yield transferRow(session, guest, random);
}

function feedbackRow({ id, botId, host, startMs }: Session, random: Random): SampleRow {
  return row('feedback', {
    bot_id: botId,
    user_id: host.userId,
    session_id: random.chance(0.9) ? id : null,
    survey: random.pick(surveys),
    score: random.int(0, 10),
    comments: random.chance(0.5) ? `Call me: ${host.identities[0].channelUserId}` : null,
    created_on: after(startMs, 1900),
  });
}

function transferRow({ id, botId, startMs }: Session, caller: SamplePerson, random: Random): SampleRow {
  return row('agent_transfers', {
    bot_id: botId,
    user_id: caller.userId,
    session_id: id,
    agent: random.pick(agents),
    transcript: [
      { from: caller.firstName, text: random.pick(questions) },
      { from: 'agent', text: random.pick(answers) },
    ],
    created_on: after(startMs, 300),
  });
}

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, '0');
}
