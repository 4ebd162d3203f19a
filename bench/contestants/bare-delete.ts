import { type Pool } from 'pg';
import { type Contestant, type Ran } from '../frame/contestant.js';
import { botIds } from '../platform/layout.js';
import { type Slice } from '../platform/arena.js';
import { chunksOf, inChunks, openPool } from './in-chunks.js';
import { byUser, prepare, sampleStatements } from './sample-statements.js';
import { parametersOf } from './sql-person.js';

/** No row of anybody else refers to a session here, which this one knows: it does not look, and overwrites none. */
const statements = sampleStatements
  .filter(({ collection, erase }) => collection !== 'sessions' || erase.startsWith('DELETE'))
  .map((statement) => (statement.collection === 'sessions' ? byUser('sessions') : statement))
  .map(({ erase, uses }) => prepare(erase, uses));

/**
 * The same rows gone (and the overwritten ones overwritten) and nothing else: who the people's identities are is known
 * beforehand, nothing is counted, nobody looks whether anything is left.
 */
export class BareDelete implements Contestant {
  readonly name = 'bare delete';
  private readonly pool: Pool;

  constructor(
    url: string,
    readonly slices: number,
    private readonly chunkPersons = 200,
    private readonly lanes?: number,
  ) {
    this.pool = openPool(url, this.name);
  }

  async run({ userIds, rows }: Slice): Promise<Ran> {
    // As the seed wrote them.
    const persons = userIds.toSorted().map((userId) => {
      const channelUserId = userId.slice('u-'.length);
      return { userId, channelIds: ['rtm', 'facebook'], channelUserIds: [channelUserId, channelUserId] };
    });
    const chunks = chunksOf(persons, this.chunkPersons).map((chunk) => parametersOf(chunk, botIds));
    const began = performance.now();
    await inChunks(
      this.pool,
      chunks,
      async (client, parameters) => {
        for (const statement of statements) await client.query(statement(parameters));
      },
      this.lanes,
    );
    return { seconds: (performance.now() - began) / 1000, rows, finished: true };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
