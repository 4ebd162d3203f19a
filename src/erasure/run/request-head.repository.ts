import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { IntegrityError } from '../../common/errors/integrity-error.js';
import { sql } from '../../database/sql.js';
import { type RequestHead, type RequestSeal } from '../seal/request-seal.js';
import { RequestSealService } from '../seal/request-seal.service.js';

interface SealedHead extends RequestHead {
  readonly reference: Buffer | null;
  readonly mac: Buffer;
  readonly anEntry: Buffer | null;
}

/** Opens a request for work: reads it and proves that it is as it was accepted. */
@Injectable()
export class RequestHeadRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly seals: RequestSealService,
  ) {}

  /** @throws IntegrityError when the row is not what was accepted: nobody of it may be erased */
  async open(requestId: string): Promise<{ readonly head: RequestHead; readonly seal: RequestSeal }> {
    const [row] = await sql<SealedHead>(
      this.dataSource.manager,
      `SELECT id, account_id AS "accountId", client_id AS "clientId", all_bots AS "allBots", bot_ids AS "botIds", total,
              received_on AS "receivedOn", reference, mac,
              (SELECT entry FROM expunge.erasure_subjects s WHERE s.request_id = r.id ORDER BY position LIMIT 1) AS "anEntry"
       FROM expunge.erasure_requests r WHERE id = $1`,
      [requestId],
    );
    if (!row?.anEntry) throw new IntegrityError();
    const seal = await this.seals.forAccepted(row, row.mac, row.anEntry);
    if (!seal.verifies(row.mac, row.reference)) throw new IntegrityError();
    return { head: row, seal };
  }
}
