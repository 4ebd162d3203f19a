import { type SampleRole } from './sample-person.js';
import { botOf, type SampleWorld } from './sample-world.js';

/** Indexes of people of the main account who hold a role, for those who want to name one. */
export const staff = {
  accountOwner: 0,
  accountMember: 1,
  botOwner: 4,
  coDeveloper: 6,
  /** Co-develops a bot of the other account. */
  coDeveloperElsewhere: 12,
} as const;

/** Roles of the first people; none for everybody else. */
export function rolesOf(world: SampleWorld, index: number): readonly SampleRole[] {
  const { main, other } = world;
  const member: SampleRole = { of: 'account', role: 'member', id: main.id };
  const of = (account: typeof main, role: 'owner' | 'co-developer', ...bots: number[]): SampleRole[] =>
    bots.map((number) => ({ of: 'bot', role, id: botOf(account, number).id }));
  switch (index) {
    case staff.accountOwner:
      return [{ of: 'account', role: 'owner', id: main.id }];
    case staff.accountMember:
    case 2:
    case 3:
      return [member];
    case staff.botOwner:
      return of(main, 'owner', 0, 1, 2, 3);
    case 5:
      return [member, ...of(main, 'owner', 4, 5, 6, 7)];
    case staff.coDeveloper:
      return of(main, 'co-developer', 0);
    case 10:
      return of(main, 'co-developer', 3, 5);
    case staff.coDeveloperElsewhere:
      return of(other, 'co-developer', 1);
    case 7:
      return [{ of: 'account', role: 'owner', id: other.id }];
    case 8:
      return [{ of: 'account', role: 'member', id: other.id }];
    case 9:
      return of(other, 'owner', 0, 1, 2, 3);
    case 17:
      return of(other, 'co-developer', 2);
    default:
      return [];
  }
}
