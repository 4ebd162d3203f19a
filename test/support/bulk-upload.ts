import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type Told } from './wire.js';

export const BULK = '/api/public/bot/eraseUsersData/bulk';

export interface UploadAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly requestId: string | undefined;
  /** Of the one error; empty where there is none. */
  readonly error: Partial<Told>;
}

/** A bulk call that a test sends piece by piece. */
export class BulkUpload {
  /** What the service says, or undefined when the connection ended without an answer. */
  readonly answer: Promise<UploadAnswer | undefined>;

  private constructor(private readonly outgoing: ClientRequest) {
    this.answer = answerTo(outgoing);
  }

  static to(
    { url, token }: { readonly url: string; readonly token: string },
    headers: Readonly<Record<string, string>> = {},
    path = BULK,
  ): BulkUpload {
    const outgoing = request(url + path, {
      method: 'POST',
      headers: { auth: token, 'content-type': 'application/x-ndjson', ...headers },
    });
    outgoing.flushHeaders();
    return new BulkUpload(outgoing);
  }

  /** Sends lines of JSON. Returns when the connection takes more. */
  async send(...lines: readonly unknown[]): Promise<void> {
    await this.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** Sends bytes as they are. */
  async write(bytes: string | Buffer): Promise<void> {
    if (!this.outgoing.write(bytes)) await Promise.race([once(this.outgoing, 'drain'), this.answer]);
  }

  /** Ends the body; what became of it. */
  async end(): Promise<UploadAnswer | undefined> {
    this.outgoing.end();
    return this.answer;
  }

  /** Breaks the connection. */
  cut(): void {
    this.outgoing.destroy();
  }
}

function answerTo(outgoing: ClientRequest): Promise<UploadAnswer | undefined> {
  return new Promise((resolve) => {
    outgoing.once('error', () => {
      resolve(undefined);
    });
    outgoing.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('end', () => {
        const json = JSON.parse(text) as { requestId?: string; errors?: Partial<Told>[] };
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, requestId: json.requestId, error: json.errors?.[0] ?? {} });
        outgoing.destroy();
      });
    });
  });
}
