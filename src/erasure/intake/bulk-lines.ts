import { createHash, type Hash } from 'node:crypto';
import { describeKind } from '../../common/describe-kind.js';
import { invalidArguments } from '../../common/errors/api-error.js';
import { type JsonLines, type JsonLinesPiece } from '../../common/json-lines.js';
import { type UserEntry } from '../../users/user-reference.js';
import { entryProblem } from './entry-problem.js';
import { type EraseHead, limits } from './erase-command.js';
import { FieldProblems } from './field-problems.js';
import { canonical } from './idempotent-call.js';
import { headFields, isObject, parseEraseHead, refuseOtherFields } from './parse-erase-head.js';

/** A page is full with so many entries, or so many bytes of lines. */
const PAGE_ENTRIES = 5_000;
const PAGE_BYTES = 512 * 1024;
/** A page that is not full by then is full all the same: what is written says that the upload lives. */
const PAGE_MS = 10_000;

/** What a bulk call brings: its head, and its entries page by page, each checked and none kept. */
export class BulkLines {
  private readonly pieces: AsyncIterator<JsonLinesPiece>;
  /** What came in one piece with the head. */
  private rest: JsonLinesPiece | null = null;
  private readonly hash: Hash | null;

  /**
   * @param body null: there is none
   * @param digested whether `digest` will be asked for
   */
  constructor(
    body: JsonLines | null,
    digested: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.pieces = (body ?? nothing())[Symbol.asyncIterator]();
    this.hash = digested ? createHash('sha256') : null;
  }

  /** What stands for all lines, however they were written; to be asked once, after the last page. Keep no more of it than a HMAC. */
  digest(): string {
    if (!this.hash) throw new Error('the lines were not digested');
    return this.hash.digest('hex');
  }

  /** The first line. @throws ApiError naming `line 1` */
  async head(now: Date): Promise<EraseHead> {
    const first = await this.pieces.next();
    const piece = first.done === true ? null : first.value;
    const body = piece?.values[0];
    const problems = new FieldProblems('line 1');
    if (!piece || !isObject(body)) {
      problems.add('body', describeKind(body), 'an object: the body of an erase call without userIds');
      throw problems.error();
    }
    refuseOtherFields(body, headFields, problems);
    const head = parseEraseHead(body, now, problems);
    this.hash?.update(`${canonical(body)}\n`);
    if (!problems.none) throw problems.error();
    this.rest = { firstLine: 2, values: piece.values.slice(1), bytes: piece.bytes };
    return head;
  }

  /** The entries in the order sent. @throws ApiError naming the line of the first that is wrong */
  async *pages(): AsyncGenerator<readonly UserEntry[], void, undefined> {
    let page: UserEntry[] = [];
    let bytes = 0;
    let began = this.now();
    let total = 0;
    for (let piece = this.rest; piece !== null; piece = await this.nextPiece()) {
      checkEntries(piece);
      for (const entry of this.hash ? piece.values : []) this.hash?.update(`${canonical(entry)}\n`);
      page.push(...(piece.values as readonly UserEntry[]));
      bytes += piece.bytes;
      total += piece.values.length;
      if (total > limits.bulkEntries) throw tooMany();
      if (page.length === 0) continue;
      if (page.length < PAGE_ENTRIES && bytes < PAGE_BYTES && this.now() - began < PAGE_MS) continue;
      yield page;
      [page, bytes, began] = [[], 0, this.now()];
    }
    if (total === 0) throw noEntry();
    if (page.length > 0) yield page;
  }

  private async nextPiece(): Promise<JsonLinesPiece | null> {
    const next = await this.pieces.next();
    return next.done === true ? null : next.value;
  }
}

function checkEntries({ firstLine, values }: JsonLinesPiece): void {
  for (let index = 0; index < values.length; index += 1) {
    const found = entryProblem(values[index]);
    if (!found) continue;
    const { within, problem, expected } = found;
    throw invalidArguments([{ field: `line ${firstLine + index}${within}`, problem, expected }]);
  }
}

function tooMany() {
  const expected = `1 to ${limits.bulkEntries} entries after the first line`;
  const field = `line ${limits.bulkEntries + 2}`;
  return invalidArguments([{ field, problem: `more than ${limits.bulkEntries} entries`, expected }]);
}

function noEntry() {
  const expected = `1 to ${limits.bulkEntries} entries after the first line`;
  return invalidArguments([{ field: 'line 2', problem: 'nothing', expected }]);
}

async function* nothing(): AsyncGenerator<JsonLinesPiece, void, undefined> {
  // An absent body has no lines.
}
