import { readFile, writeFile } from 'node:fs/promises';
import { type SubjectDto } from '../../../src/erasure/intake/subject.dto.js';
import { type TestDatabase } from '../../support/postgres.js';
import { TestService } from '../../support/service.js';
import { compare } from './compare.js';
import { Erasure } from './erasure.js';
import { foundByValue, withDoubts } from './found-by-value.js';
import { LivePlatform, type LiveRow } from './live-platform.js';
import { miscounted } from './miscounted.js';
import { type GeneratedPlatform } from './platform.js';
import { directoryTables } from './sample-tables.js';
import { snapshotSql } from './schema-sql.js';
import { type Table } from './table.js';
import { type Meant, Whose } from './whose.js';

type Rows = ReadonlyMap<string, readonly LiveRow[]>;

/**
 * Makes all platforms side by side, has one service erase what is asked for in each, by calls, and looks what became of
 * every row and what was reported.
 *
 * @param mapPath where their data map is written
 * @returns for each platform, what is otherwise than the model says
 */
export async function tryByService(
  db: TestDatabase,
  platforms: readonly GeneratedPlatform[],
  mapPath: string,
): Promise<readonly (readonly string[])[]> {
  const served: ServedPlatform[] = [];
  let map = await readFile('data-map.yaml', 'utf8');
  for (const [number, platform] of platforms.entries()) {
    const one = new ServedPlatform(db, `generated-${number}`, platform, await directoryTables());
    await one.make();
    map += one.words;
    served.push(one);
  }
  await writeFile(mapPath, map);
  const service = await TestService.start(await db.serviceUrl({ dataMapPath: mapPath }), {
    dataMapPath: mapPath,
    chunkRows: 3,
  });
  try {
    for (const one of served) await one.callTo(service);
    return await Promise.all(served.map((one) => one.judge()));
  } finally {
    await service.stop();
  }
}

class ServedPlatform {
  private readonly live: LivePlatform;
  private readonly tables: readonly Table[];
  private before: Rows = new Map();
  private answers: () => Promise<readonly SubjectDto[]> = () => Promise.resolve([]);

  constructor(
    private readonly db: TestDatabase,
    private readonly store: string,
    private readonly platform: GeneratedPlatform,
    private readonly directoryTables: readonly Table[],
  ) {
    this.live = new LivePlatform(db, store, platform);
    this.tables = [...directoryTables, ...platform.tables];
  }

  /** A store of the data map. */
  get words(): string {
    return `\n  ${this.store}:\n${this.live.words.replaceAll(/^(?=.)/gm, '    ')}`;
  }

  async make(): Promise<void> {
    await this.live.make();
    const { users, claims } = this.platform.directory;
    for (const { id, account, email, enterpriseId } of users)
      await this.db.run(
        'INSERT INTO platform.users (id, account_id, email, enterprise_id) VALUES ($1, $2, $3, $4)',
        [id, account, email, enterpriseId],
      );
    for (const { userId, bot, channelId, channelUserId } of claims)
      await this.db.run(
        'INSERT INTO platform.user_identities (user_id, bot_id, channel_id, channel_user_id) VALUES ($1, $2, $3, $4)',
        [userId, bot, channelId, channelUserId],
      );
    this.before = await this.rows();
  }

  async callTo(service: TestService): Promise<void> {
    const { asked, persons } = this.platform;
    const client = await service.client(asked.account);
    const id = await client.erase({
      userIds: persons.map(entryOf),
      ...(asked.allBots ? {} : { botIds: asked.bots }),
      RemoveDataFromAllBots: asked.allBots,
    });
    this.answers = async () => (await client.settled(id)).response;
  }

  /** What is otherwise than the model says, once the call has settled. */
  async judge(): Promise<readonly string[]> {
    const { directory, asked, persons } = this.platform;
    const answers = await this.answers();
    const rows = new Map([...this.before].map(([name, live]) => [name, live.map(({ row }) => row)]));
    const whose = new Whose(directory, asked);
    const found = persons
      .map((person, entry) => ({ person: withDoubts(person, this.tables, rows, asked), entry }))
      .filter(({ person }) => person.inDirectory || foundByValue(person, this.tables, rows, whose));
    const foretold = new Erasure(
      this.tables,
      rows,
      found.map(({ person }) => person),
      whose,
    );
    const outcomes = persons.map((_, entry) => {
      const number = found.findIndex((one) => one.entry === entry);
      return number < 0 ? 'NOT_FOUND' : foretold.outcome(number);
    });
    const told = answers.map(({ status, reason }) => [status, ...(reason ? [reason] : [])].join(' '));
    const countOf = (number: number, table: Table): number => {
      const store = this.directoryTables.includes(table) ? 'platform' : this.store;
      return answers[found[number]?.entry ?? -1]?.erased?.[`${store}.${table.name}`] ?? 0;
    };
    return [
      ...(told.join() === outcomes.join() ? [] : [`told: ${told.join()}; should be: ${outcomes.join()}`]),
      ...compare(foretold.fates, this.before, await this.rows()),
      ...miscounted(foretold.fates, found.length, countOf),
    ];
  }

  /** Those of the directory that are this platform's, and all of its tables. */
  private async rows(): Promise<Rows> {
    const users = new Set<string | null | undefined>(this.platform.directory.users.map(({ id }) => id));
    const rows = new Map(await this.live.rows());
    for (const table of this.directoryTables) {
      const all = await this.db.run<LiveRow>(snapshotSql('platform', table));
      rows.set(
        table.name,
        all.filter(({ row }) => users.has(row['user_id'] ?? row['id'])),
      );
    }
    return rows;
  }
}

/** An entry of a call that can mean nobody else. */
function entryOf({ userId, email, claims }: Meant): object {
  if (userId !== null) return { userId };
  if (email !== null) return { email };
  const [claim] = claims;
  return { channelId: claim?.channelId, channelUserId: claim?.channelUserId };
}
