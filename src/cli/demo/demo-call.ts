import { type UserEntry } from '../../users/user-reference.js';
import { type ErasedPeople } from './check/erasure-check.js';
import { namedBy, ownIdentity, waysToName } from './naming.js';
import { type SamplePerson } from './sample-platform/sample-person.js';
import { type SamplePlatform } from './sample-platform/sample-platform.js';
import { staff } from './sample-platform/sample-staff.js';

/** How an entry must end. Known from the sample, before the service has said anything. */
export interface ExpectedOutcome {
  readonly status: 'SUCCESS' | 'PROTECTED' | 'AMBIGUOUS' | 'NOT_FOUND';
  readonly reason: string | null;
  /** Index of the first entry that means the same person. */
  readonly sameAs: number | null;
}

export interface DemoCall {
  readonly userIds: readonly UserEntry[];
  /** One for each entry. */
  readonly expected: readonly ExpectedOutcome[];
  readonly people: ErasedPeople;
}

/** At most; of a small platform fewer, so that some remain who can be mistaken. */
const usersToErase = 480;
const visitorsToErase = 12;
const shareToErase = 0.45;

/** Some 500 people of the main account named in every way there is, and all kinds of entries that erase nobody. */
export function demoCall({ world, people }: SamplePlatform): DemoCall {
  const ours = [...people.all()].filter(({ account }) => account === world.main);
  const users = spread(ours.filter(canBeErased), usersToErase);
  const visitors = spread(
    ours.filter(({ slot }) => slot === 'visitor'),
    visitorsToErase,
  );
  const entries: [UserEntry, ExpectedOutcome][] = [
    ...users.map((person, i): [UserEntry, ExpectedOutcome] => [namedBy(waysToName, i, person), erased]),
    ...visitors.map((person, i): [UserEntry, ExpectedOutcome] => [
      namedBy(waysToName, i, person),
      { ...erased, reason: 'NOT_IN_DIRECTORY' },
    ]),
    ...twice(users),
    ...protectedPeople(people.at.bind(people)),
    ...ambiguous(ours.filter((person) => !users.includes(person))),
    ...unknown([...people.all()].find(({ account, roles }) => account === world.other && roles.length === 0)),
  ];
  return {
    userIds: entries.map(([entry]) => entry),
    expected: entries.map(([, outcome]) => outcome),
    people: {
      accountId: world.main.id,
      userIds: users.flatMap(({ userId }) => userId ?? []),
      visitors: visitors.map(({ identities }) => identities[0]),
    },
  };
}

const erased: ExpectedOutcome = { status: 'SUCCESS', reason: null, sameAs: null };

/** Not those who share a telephone: rows that carry only the number belong to nobody for sure. */
function canBeErased({ slot, roles }: SamplePerson): boolean {
  return slot !== 'visitor' && slot !== 'family' && roles.length === 0;
}

function spread(people: readonly SamplePerson[], wanted: number): SamplePerson[] {
  const count = Math.min(wanted, Math.ceil(people.length * shareToErase));
  return Array.from({ length: count }, (_, i) => people[Math.floor((i * people.length) / count)]).filter(
    (person) => person !== undefined,
  );
}

/** Someone who is named before, again by email and by enterprise id. */
function twice(users: readonly SamplePerson[]): [UserEntry, ExpectedOutcome][] {
  const sameAs = users.findIndex(({ slot }) => slot === 'original');
  const { email, enterpriseId } = users[sameAs] ?? {};
  if (email == null || enterpriseId == null) return [];
  return [
    [{ email }, { ...erased, sameAs }],
    [enterpriseId, { ...erased, sameAs }],
  ];
}

function protectedPeople(at: (index: number) => SamplePerson): [UserEntry, ExpectedOutcome][] {
  const roles: readonly [number, string][] = [
    [staff.accountOwner, 'ACCOUNT_OWNER'],
    [staff.accountMember, 'ACCOUNT_MEMBER'],
    [staff.botOwner, 'BOT_OWNER'],
    [staff.coDeveloper, 'BOT_CO_DEVELOPER'],
    [staff.coDeveloperElsewhere, 'PLATFORM_ROLE'],
  ];
  return roles.map(([index, reason]) => [
    namedBy(waysToName, index, at(index)),
    { status: 'PROTECTED', reason, sameAs: null },
  ]);
}

/** A telephone of two people, a page-scoped number, an email that somebody else chose as a name. */
function ambiguous(people: readonly SamplePerson[]): [UserEntry, ExpectedOutcome][] {
  const first = (slot: SamplePerson['slot']): SamplePerson | undefined =>
    people.find((person) => person.slot === slot);
  const telephone = first('family')?.identities[0].channelUserId;
  const page = first('page-scoped')?.identities[0];
  const email = first('squatted')?.email;
  return [telephone, page && `${page.channelId}/${page.channelUserId}`, email]
    .filter((entry) => entry != null)
    .map((entry) => [entry, { status: 'AMBIGUOUS', reason: 'MATCHES_SEVERAL_USERS', sameAs: null }]);
}

/** Ids that are nobody's, and the id of a user of another account, which is nobody's here. */
function unknown(foreigner: SamplePerson | undefined): [UserEntry, ExpectedOutcome][] {
  const entries: (UserEntry | null | undefined)[] = [
    'nobody@example.com',
    { channelId: 'sms', channelUserId: '+15550000000' },
    foreigner?.userId,
    foreigner && ownIdentity(foreigner),
  ];
  return entries
    .filter((entry) => entry != null)
    .map((entry) => [entry, { status: 'NOT_FOUND', reason: null, sameAs: null }]);
}
