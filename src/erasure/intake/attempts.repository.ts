import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sql } from '../../database/sql.js';
import { type SubjectReason, type SubjectStatus } from '../erasure-status.js';
import { type AttemptDto } from './attempt.dto.js';

interface AttemptRow {
  readonly position: number;
  readonly round: number;
  readonly status: SubjectStatus;
  readonly reason: SubjectReason | null;
  readonly partlyErased: boolean;
  readonly endedOn: Date;
}

/** Reads how entries ended in former rounds. */
@Injectable()
export class AttemptsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** By position, the first round first. */
  async of(
    requestId: string,
    positions: readonly number[],
  ): Promise<ReadonlyMap<number, readonly AttemptDto[]>> {
    const rows = await sql<AttemptRow>(
      this.dataSource.manager,
      `SELECT position, round, status, reason, partly_erased AS "partlyErased", ended_on AS "endedOn"
       FROM expunge.erasure_attempts WHERE request_id = $1 AND position = ANY ($2::int[]) ORDER BY position, round`,
      [requestId, positions],
    );
    const attempts = new Map<number, AttemptDto[]>();
    for (const { position, round, status, reason, partlyErased, endedOn } of rows)
      attempts.set(position, [
        ...(attempts.get(position) ?? []),
        {
          round,
          status,
          ...(reason === null ? {} : { reason }),
          ...(partlyErased ? { partlyErased: true } : {}),
          endedOn: endedOn.toISOString(),
        },
      ]);
    return attempts;
  }
}
