import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { StoresService } from '../../stores/stores.service.js';
import { referenceOf, type UserEntry } from '../../users/user-reference.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { type PlanClaim, Stopping } from './claim.js';
import { EntryJudge, type Judgement } from './entry-judge.service.js';
import { type NewPerson, type PlannedSubject, type UnplannedSubject } from './plan.repository.js';
import { type OpenRequest, PlanningDesk } from './planning-desk.js';

/** Finds out, once for each request, whom its entries mean, and cuts those who are to be erased into batches. */
@Injectable()
export class Planner {
  constructor(
    private readonly desk: PlanningDesk,
    private readonly judge: EntryJudge,
    private readonly stores: StoresService,
  ) {}

  /**
   * Plans a claimed request page by page; a page is one transaction, and one that was committed is never judged again.
   *
   * @param stopping asked between pages
   * @returns ids of the batches that wait now
   * @throws ClaimLost, Stopping, DatabaseFault
   */
  async plan(claim: PlanClaim, stopping: () => boolean): Promise<readonly string[]> {
    try {
      const request = await this.desk.open(claim.requestId);
      for (;;) {
        if (stopping()) throw new Stopping();
        const page = await this.desk.nextPage(claim.requestId);
        if (page.length === 0) break;
        await this.desk.inTransaction(claim, (manager) => this.planPage(manager, request, page));
      }
      return await this.desk.finish(claim, this.stores.dataMapHash, this.stores.notCovered(request.scope));
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      await this.desk.refuse(claim);
      return [];
    }
  }

  private async planPage(
    manager: EntityManager,
    { scope, seal }: OpenRequest,
    page: readonly UnplannedSubject[],
  ): Promise<void> {
    const opened = page.map((subject) => ({ ...subject, entry: openEntry(seal, subject) }));
    const genuine = opened.flatMap(({ position, entry }) => (entry === null ? [] : [{ position, entry }]));
    const judgements = await this.judge.judge(
      manager,
      scope,
      genuine.map(({ entry }) => referenceOf(entry)),
    );
    const persons = new Map<string, NewPerson>();
    const subjects = genuine.map(({ position }, index): PlannedSubject => {
      const judgement = judgements[index];
      if (!judgement) throw new Error('an entry without a judgement');
      const person = judgement.is === 'PERSON' ? sealPerson(seal, judgement, position) : null;
      const name = person?.personHash.toString('hex');
      if (person && name !== undefined && !persons.has(name)) persons.set(name, person);
      return plannedSubject(position, judgement, person);
    });
    const altered = opened.flatMap(({ position, entry }): PlannedSubject[] =>
      entry === null
        ? [{ position, status: 'FAILED', reason: 'INTEGRITY', matchedBy: null, personHash: null }]
        : [],
    );
    await this.desk.store(manager, scope.requestId, [...persons.values()], [...subjects, ...altered]);
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
