import { type UserEntry } from '../../users/user-reference.js';
import { type SampleIdentity, type SamplePerson } from './sample-platform/sample-person.js';

/** One way of naming someone in a call; null where the person can't be named so, or where it would fit others as well. */
export type WayToName = (person: SamplePerson) => UserEntry | null;

/** Every form that the interface takes. */
export const waysToName: readonly WayToName[] = [
  ({ userId }) => userId,
  (person) => plainEmail(person)?.toUpperCase() ?? null,
  ({ enterpriseId }) => enterpriseId,
  (person) => ownIdentity(person)?.channelUserId ?? null,
  (person) => joined(ownIdentity(person)),
  ({ userId }) => (userId === null ? null : { userId }),
  ({ email }) => (email === null ? null : { email }),
  ({ enterpriseId }) => (enterpriseId === null ? null : { enterpriseId }),
  (person) => ownIdentity(person),
];

/** The way with this number, or the next one that names just this person. */
export function namedBy(ways: readonly WayToName[], number: number, person: SamplePerson): UserEntry {
  for (let i = 0; i < ways.length; i++) {
    const entry = ways[(number + i) % ways.length]?.(person);
    if (entry != null) return entry;
  }
  throw new Error('a person of the sample can be named in no way');
}

/** An identity that nobody else of the account has, nor an id that reads like it. */
export function ownIdentity(
  person: SamplePerson,
): Pick<SampleIdentity, 'channelId' | 'channelUserId'> | null {
  const shared = person.slot === 'page-scoped' || person.slot === 'family' || person.slot === 'squatter';
  const own = person.identities
    .slice(shared ? 1 : 0)
    .find(({ channelUserId }) => person.slot !== 'squatted' || channelUserId !== person.email);
  return own ? { channelId: own.channelId, channelUserId: own.channelUserId } : null;
}

function plainEmail({ slot, email }: SamplePerson): string | null {
  return slot === 'squatted' ? null : email;
}

function joined(identity: ReturnType<typeof ownIdentity>): string | null {
  return identity ? `${identity.channelId}/${identity.channelUserId}` : null;
}
