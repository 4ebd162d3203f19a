import { Random } from './random.js';
import { channelUserId, identitiesOf, type SampleChannel } from './sample-identities.js';
import {
  blockSize,
  inMainAccount,
  type SampleIdentity,
  type SamplePerson,
  slotOf,
  twinDistance,
} from './sample-person.js';
import { rolesOf } from './sample-staff.js';
import { emailDomains, firstNames, lastNames } from './sample-words.js';
import { botOf, type SampleWorld } from './sample-world.js';

/** Everyone on the sample platform, each made anew when asked for: no list of people is ever held. */
export class SamplePeople {
  constructor(
    private readonly world: SampleWorld,
    private readonly seed: number,
    readonly count: number,
  ) {}

  /** The person at this index; always the same. */
  at(index: number): SamplePerson {
    const random = new Random(this.seed, 3, index);
    const account = inMainAccount(index) ? this.world.main : this.world.other;
    const slot = slotOf(index);
    const firstName = random.pick(firstNames);
    const lastName = random.pick(lastNames);
    const written = `${firstName}.${lastName}${index}@${random.pick(emailDomains)}`;
    const needsEmail = slot === 'original' || slot === 'squatted';
    const hasEmail = random.chance(0.8) || needsEmail;
    const email = hasEmail ? (random.chance(0.3) ? written : written.toLowerCase()) : null;
    const enterpriseId = random.chance(0.35) || slot === 'original' ? `E-${10_000 + index}` : null;
    const identities = identitiesOf(random, index, account, email);
    const userId = `u-${random.uuid()}`;
    const roles = rolesOf(this.world, index);
    const person = {
      index,
      account,
      userId,
      firstName,
      lastName,
      email,
      enterpriseId,
      identities,
      roles,
      slot,
    };
    return this.special(person);
  }

  *all(): Generator<SamplePerson> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }

  /** Someone else of the same account who has a user id; whoever stands next. */
  neighbour({ index, account }: SamplePerson): SamplePerson {
    for (let step = 1; ; step++) {
      const next = (index + step) % this.count;
      if ((inMainAccount(next) ? this.world.main : this.world.other) !== account) continue;
      if (slotOf(next) !== 'visitor') return this.at(next);
    }
  }

  private special(person: SamplePerson): SamplePerson {
    const { index, account, slot } = person;
    const block = Math.floor(index / blockSize);
    const also = (first: SampleIdentity): SamplePerson => ({
      ...person,
      identities: [first, ...person.identities.filter(({ channelId }) => channelId !== first.channelId)],
    });
    /** The same for both of a pair. */
    const shared = (channel: SampleChannel): string =>
      channelUserId(new Random(this.seed, 4, block), 1_000_000 + block, channel, null);
    switch (slot) {
      case 'ordinary':
      case 'squatted':
        return person;
      case 'visitor':
        return visitor(person);
      case 'original':
        return also({ channelId: 'telegram', channelUserId: shared('telegram'), botId: null });
      case 'twin': {
        const { firstName, lastName, email, enterpriseId, identities } = this.at(index - twinDistance);
        return { ...person, firstName, lastName, email, enterpriseId, identities: [identities[0]] };
      }
      case 'page-scoped':
        return also({
          channelId: 'facebook',
          channelUserId: shared('facebook'),
          botId: botOf(account, block + (index % 2)).id,
        });
      case 'family':
        return also({ channelId: 'sms', channelUserId: shared('sms'), botId: null });
      case 'squatter':
        return also({
          channelId: 'rtm',
          channelUserId: this.at(index - 1).email ?? '',
          botId: botOf(account, block).id,
        });
    }
  }
}

/** Known by nothing but one identity, in one bot. */
function visitor(person: SamplePerson): SamplePerson {
  const { identities, account, index } = person;
  const known = identities.find(({ channelId }) => channelId !== 'email') ?? {
    channelId: 'rtm',
    channelUserId: `web-visitor-${index}`,
    botId: null,
  };
  return {
    ...person,
    userId: null,
    email: null,
    enterpriseId: null,
    identities: [{ ...known, botId: known.botId ?? botOf(account, index).id }],
  };
}
