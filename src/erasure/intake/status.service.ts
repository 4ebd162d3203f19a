import { Injectable } from '@nestjs/common';
import { type Caller } from '../../auth/caller.js';
import { notFound } from '../../common/errors/api-error.js';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { inTurns } from '../../common/in-turns.js';
import { isSettled } from '../erasure-status.js';
import { type ReclaimReport, ReclaimReportService } from '../reclaim/reclaim-report.service.js';
import { isRequestId } from '../request-id.js';
import { RequestSealService } from '../seal/request-seal.service.js';
import { type RequestSeal } from '../seal/request-seal.js';
import { cancelledMessage, messageFor, notFoundMessage } from '../subject-message.js';
import { type AttemptDto } from './attempt.dto.js';
import { AttemptsRepository } from './attempts.repository.js';
import { encodeCursor, type StatusPage } from './status-page.js';
import { type RequestRow, StatusRepository, type SubjectRow } from './status.repository.js';
import { type ErasureStatusDto } from './status.dto.js';
import { type SubjectDto } from './subject.dto.js';

/** Reports what became of a request, to its own account. */
@Injectable()
export class StatusService {
  constructor(
    private readonly requests: StatusRepository,
    private readonly seals: RequestSealService,
    private readonly reclaims: ReclaimReportService,
    private readonly attempts: AttemptsRepository,
  ) {}

  /** @throws ApiError 404, the same for unknown and foreign ids */
  async report(caller: Caller, requestId: string, page: StatusPage): Promise<ErasureStatusDto> {
    if (!isRequestId(requestId)) throw notFound();
    const request = await this.requests.request(caller.accountId, requestId);
    if (!request) throw notFound();
    // One more than asked for tells whether there is a next page.
    const rows = await this.requests.subjects(requestId, { ...page, limit: page.limit + 1 });
    const shown = rows.slice(0, page.limit);
    const waiting = request.status === 'in-progress' ? await this.requests.waiting(request.id) : null;
    const paused = request.status === 'in-progress' ? await this.requests.paused(request) : null;
    const counts = await this.requests.counts(requestId);
    const seal = await this.sealOf(request, shown);
    const reclaimed = await this.reclaimReport(shown);
    const attempts =
      request.round > 1
        ? await this.attempts.of(
            requestId,
            shown.map(({ position }) => position),
          )
        : null;
    const sealedReference = request.reference;
    const reference = seal && sealedReference && opened(() => seal.openReference(sealedReference));

    return {
      _id: request.id,
      createdOn: request.createdOn.toISOString(),
      lastUpdatedOn: new Date(
        shown.reduce(
          (last, row) => Math.max(last, row.lastUpdatedOn.getTime()),
          request.lastUpdatedOn.getTime(),
        ),
      ).toISOString(),
      RemoveDataFromAllBots: request.allBots,
      status: request.status,
      ...(waiting === null
        ? {}
        : { waiting: { reason: waiting.reason, since: waiting.since.toISOString() } }),
      ...(paused === null ? {} : { paused: { since: paused.since.toISOString(), by: paused.by } }),
      botIds: [...request.botIds],
      ...(reference === null ? {} : { reference }),
      receivedOn: request.receivedOn.toISOString(),
      dueOn: request.dueOn.toISOString(),
      round: request.round,
      progress: {
        total: request.total,
        done: counts.filter(({ status }) => isSettled(status)).reduce((sum, { count }) => sum + count, 0),
      },
      counts: Object.fromEntries(counts.map(({ status, count }) => [status, count])),
      erased: await this.requests.erased(requestId),
      notCovered: [...(request.notCovered ?? [])],
      response: await inTurns(shown, (row) => subjectDto(seal, row, reclaimed, attempts?.get(row.position))),
      nextCursor: rows.length > page.limit ? encodeCursor(rows[page.limit]?.position ?? 0) : null,
    };
  }

  private async reclaimReport(rows: readonly SubjectRow[]): Promise<ReclaimReport> {
    const erased = rows.filter(({ erasedOn, erased: counts }) => erasedOn !== null && counts !== null);
    return this.reclaims.about(
      new Set(erased.flatMap(({ settledBy }) => (settledBy === null ? [] : [settledBy]))),
      new Set(erased.flatMap(({ erased: counts }) => Object.keys(counts ?? {}))),
    );
  }

  /** null when there is nothing to open, or the request is not as it was accepted. */
  private async sealOf(request: RequestRow, rows: readonly SubjectRow[]): Promise<RequestSeal | null> {
    const sealed = rows[0]?.entry ?? request.reference;
    if (!sealed) return null;
    return this.seals.forAccepted(request, request.mac, sealed).catch((error: unknown) => {
      if (error instanceof IntegrityError) return null;
      throw error;
    });
  }
}

/** What was altered by hand does not open; its outcome (INTEGRITY) can still be told. */
function opened<T>(open: () => T): T | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}

function subjectDto(
  seal: RequestSeal | null,
  row: SubjectRow,
  reclaimed: ReclaimReport,
  attempts: readonly AttemptDto[] = [],
): SubjectDto {
  return {
    userId: seal && opened(() => seal.openEntry(row.position, row.entry)),
    status: row.status,
    ...explanation(row),
    ...(row.matchedBy === null || row.matchedBy.length === 0 ? {} : { matchedBy: [...row.matchedBy] }),
    ...(row.sameAs === null ? {} : { sameAs: row.sameAs }),
    ...(row.erased === null ? {} : { erased: { ...row.erased } }),
    ...(row.partlyErased ? { partlyErased: true } : {}),
    ...(row.erasedOn === null ? {} : { erasedOn: row.erasedOn.toISOString() }),
    ...reclaim(row, reclaimed),
    ...(attempts.length === 0 ? {} : { attempts: [...attempts] }),
  };
}

function reclaim(
  { erasedOn, erased, settledBy }: SubjectRow,
  reclaimed: ReclaimReport,
): Pick<SubjectDto, 'reclaimableSince' | 'notReclaimable'> {
  if (erasedOn === null || erased === null) return {};
  const { since, reasons } = reclaimed(settledBy, Object.keys(erased));
  return {
    reclaimableSince: { ...since },
    ...(Object.keys(reasons).length === 0 ? {} : { notReclaimable: { ...reasons } }),
  };
}

/** Why the entry stands as it does, for programs and for people. */
function explanation({ status, reason, matchedBy }: SubjectRow): Pick<SubjectDto, 'reason' | 'message'> {
  if (reason !== null) return { reason, message: messageFor(reason, matchedBy ?? []) };
  if (status === 'CANCELLED') return { message: cancelledMessage };
  return status === 'NOT_FOUND' ? { message: notFoundMessage } : {};
}
