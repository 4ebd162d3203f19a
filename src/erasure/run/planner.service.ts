import { Injectable } from '@nestjs/common';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { inTurns } from '../../common/in-turns.js';
import { StoresService } from '../../stores/stores.service.js';
import { referenceOf, type UserEntry } from '../../users/user-reference.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { type PlanClaim, Stopping } from './claim.js';
import { EntryJudge, type Judgement } from './entry-judge.service.js';
import { type NewPerson, type PlannedSubject, type UnplannedSubject } from './plan.repository.js';
import { type OpenRequest, type Paced, PlanningDesk } from './planning-desk.js';
import { Pace } from './pace/pace.js';
import { type Waiting } from './pace/waiting.js';
import { type Turn } from './turn.js';

/** Entries that are planned at once: whoever calls for a few people should not wait for the rest that others left. */
const SMALL = 1_000;

/** Finds out, once for each request, whom its entries mean, and cuts those who are to be erased into batches. */
@Injectable()
export class Planner {
  constructor(
    private readonly desk: PlanningDesk,
    private readonly judge: EntryJudge,
    private readonly stores: StoresService,
    private readonly pace: Pace,
  ) {}

  /**
   * Plans a claimed request page by page; a page is one transaction, and one that was committed is never judged again.
   *
   * @param turn asked between pages
   * @returns ids of the batches that wait now
   * @throws ClaimLost, Stopping, DatabaseFault
   */
  async plan(claim: PlanClaim, turn: Turn): Promise<readonly string[]> {
    try {
      const request = await this.desk.open(claim.requestId);
      await this.planPages(claim, request, turn);
      const { dataMapHash } = this.stores;
      const notCovered = this.stores.notCovered(request.scope);
      // Without rests: it begins from its beginning whenever it is given back, so it keeps its lane until it is done.
      const paced = this.paced(claim, request, turn, false);
      return await this.desk.finish(claim, request.total, dataMapHash, notCovered, paced);
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      await this.desk.refuse(claim);
      return [];
    }
  }

  /** Looks up whom the next page means while the last one is written. */
  private async planPages(claim: PlanClaim, request: OpenRequest, turn: Turn): Promise<void> {
    const paced = this.paced(claim, request, turn, true);
    let written: Promise<void> = Promise.resolve();
    try {
      for (let after = -1, through = false; !through;) {
        if (turn.over) throw new Stopping();
        const { page, isLast } = await this.desk.nextPage(claim.requestId, after);
        const last = page.at(-1);
        if (!last) break;
        after = last.position;
        through = isLast;
        const { persons, subjects } = await this.judgePage(request, page);
        await written;
        written = paced(() => this.desk.store(claim, persons, subjects)).then(() => {
          turn.progressed();
        });
        // Told by whoever awaits it; until then it must not end the process.
        written.catch(() => undefined);
      }
    } catch (error) {
      await written.catch(() => undefined);
      throw error;
    }
    await written;
  }

  /** What is written for a large request waits its turn among those who erase, and while others suffer. */
  private paced(claim: PlanClaim, { total }: OpenRequest, turn: Turn, rests: boolean): Paced {
    if (total <= SMALL) return (work) => work();
    const stopping = (): boolean => turn.over;
    const signOfLife = (waiting: Waiting | null): Promise<void> => this.desk.signOfLife(claim, waiting);
    return (work) => this.pace.turn({ stopping, rests, signOfLife }, work);
  }

  /**
   * Looks in one transaction, for another to write: opening and sealing hundreds of key sets takes this process too long to
   * keep one waiting. Who must stay is judged once more by each erasing transaction.
   */
  private async judgePage(
    { scope, seal }: OpenRequest,
    page: readonly UnplannedSubject[],
  ): Promise<{ readonly persons: readonly NewPerson[]; readonly subjects: readonly PlannedSubject[] }> {
    const opened = await inTurns(page, (subject) => ({ ...subject, entry: openEntry(seal, subject) }));
    const genuine = opened.flatMap(({ position, entry }) => (entry === null ? [] : [{ position, entry }]));
    const references = genuine.map(({ entry }) => referenceOf(entry));
    const judgements = await this.desk.look((manager) => this.judge.judge(manager, scope, references));
    const planned = await inTurns(genuine, ({ position }, index) => {
      const judgement = judgements[index];
      if (!judgement) throw new Error('an entry without a judgement');
      const person = judgement.is === 'PERSON' ? sealPerson(seal, judgement, position) : null;
      return { person, subject: plannedSubject(position, judgement, person) };
    });
    const persons = new Map<string, NewPerson>();
    for (const { person } of planned) {
      const name = person?.personHash.toString('hex');
      if (person && name !== undefined && !persons.has(name)) persons.set(name, person);
    }
    const altered = opened.flatMap(({ position, entry }): PlannedSubject[] =>
      entry === null
        ? [{ position, status: 'FAILED', reason: 'INTEGRITY', matchedBy: null, personHash: null }]
        : [],
    );
    const subjects = [...planned.map(({ subject }) => subject), ...altered];
    return { persons: [...persons.values()], subjects };
  }
}

function openEntry(seal: RequestSeal, { position, entry }: UnplannedSubject): UserEntry | null {
  try {
    return seal.openEntry(position, entry);
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}

function sealPerson(
  seal: RequestSeal,
  { keys, protectedFor }: Extract<Judgement, { is: 'PERSON' }>,
  firstPosition: number,
): NewPerson {
  return {
    ...seal.sealKeySet(keys),
    firstPosition,
    status: protectedFor === null ? 'PENDING' : 'PROTECTED',
    reason: protectedFor,
  };
}

function plannedSubject(position: number, judgement: Judgement, person: NewPerson | null): PlannedSubject {
  switch (judgement.is) {
    case 'NOT_FOUND':
      return { position, status: 'NOT_FOUND', reason: null, matchedBy: null, personHash: null };
    case 'TOO_MANY_READINGS':
      return {
        position,
        status: 'AMBIGUOUS',
        reason: 'TOO_MANY_READINGS',
        matchedBy: null,
        personHash: null,
      };
    case 'AMBIGUOUS': {
      const { matchedBy } = judgement;
      return { position, status: 'AMBIGUOUS', reason: 'MATCHES_SEVERAL_USERS', matchedBy, personHash: null };
    }
    case 'PERSON':
      return {
        position,
        status: person?.status ?? 'PENDING',
        reason: person?.reason ?? null,
        matchedBy: judgement.matchedBy,
        personHash: person?.personHash ?? null,
      };
  }
}
