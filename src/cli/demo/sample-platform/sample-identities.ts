import { type Random } from './random.js';
import { type SampleIdentity } from './sample-person.js';
import { type SampleAccount } from './sample-world.js';

/** The channels over which people talk to the bots. */
export const sampleChannels = [
  'rtm',
  'facebook',
  'slack',
  'msteams',
  'email',
  'sms',
  'telegram',
  'genesys',
] as const;
export type SampleChannel = (typeof sampleChannels)[number];

/** Channels that know someone anew for each bot (pages, workspaces), and so as many numbers as bots. */
const perBot: ReadonlySet<SampleChannel> = new Set(['rtm', 'facebook', 'slack']);

/** One to four identities, on different channels. */
export function identitiesOf(
  random: Random,
  index: number,
  account: SampleAccount,
  email: string | null,
): readonly [SampleIdentity, ...SampleIdentity[]] {
  const wanted = random.int(1, 4);
  const channels = new Set<SampleChannel>();
  while (channels.size < wanted) {
    const channel = random.pick(sampleChannels);
    if (channel !== 'email' || email !== null) channels.add(channel);
  }
  const [first = 'rtm', ...rest] = channels;
  const identity = (channel: SampleChannel): SampleIdentity => ({
    channelId: channel,
    channelUserId: channelUserId(random, index, channel, email),
    botId: perBot.has(channel) ? random.pick(account.bots).id : null,
  });
  return [identity(first), ...rest.map(identity)];
}

/** An id as the channel writes it, unlike anybody else's. */
export function channelUserId(
  random: Random,
  index: number,
  channel: SampleChannel,
  email: string | null,
): string {
  const unique = String(index).padStart(7, '0');
  switch (channel) {
    case 'rtm':
      return `web-${random.hex(24)}`;
    case 'facebook':
      return `4477${random.digits(5)}${unique}`;
    case 'slack':
      return `U0${random.hex(4).toUpperCase()}${unique}`;
    case 'msteams':
      return `29:${random.hex(24)}`;
    case 'email':
      return email ?? `${random.hex(24)}@mail.example`;
    case 'sms':
      return `+1555${unique}`;
    case 'telegram':
      return `${random.digits(3)}${unique}`;
    case 'genesys':
      // With a slash of its own: nobody may split a joined identity.
      return `${random.hex(24)}/${random.digits(6)}`;
  }
}
