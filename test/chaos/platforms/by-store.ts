import { PostgresStore } from '../../../src/stores/postgres/postgres-store.js';
import { parseDataMap } from '../../../src/stores/data-map/parse-data-map.js';
import { type PersonKeys, type Phase } from '../../../src/stores/store.js';
import { type TestDatabase } from '../../support/postgres.js';
import { StoreDriver } from '../../support/store-driver.js';
import { compare } from './compare.js';
import { Erasure } from './erasure.js';
import { LivePlatform } from './live-platform.js';
import { type GeneratedPlatform } from './platform.js';
import { miscounted } from './miscounted.js';
import { storeKeys } from './store-keys.js';
import { type Table } from './table.js';
import { Whose } from './whose.js';

const STORE = 'generated';
const ROUNDS = 3;

/** What erasing did otherwise than the model says, and how many rows it had to erase. */
export interface Outcome {
  readonly wrong: readonly string[];
  readonly erased: number;
}

/** Makes a platform, erases by the real store alone, and looks what became of every row. */
export async function tryByStore(db: TestDatabase, platform: GeneratedPlatform): Promise<Outcome> {
  const live = new LivePlatform(db, 'generated', platform);
  try {
    await live.make();
    return await erase(db, platform, live);
  } finally {
    await live.drop();
  }
}

async function erase(db: TestDatabase, platform: GeneratedPlatform, live: LivePlatform): Promise<Outcome> {
  const { directory, tables, asked, persons, maxRows } = platform;
  const map = parseDataMap(`version: 1\nstores:\n  ${STORE}:\n${live.words.replaceAll(/^/gm, '    ')}`);
  const [store] = map.stores;
  if (!store) throw new Error('a map of one store');
  const driver = await StoreDriver.with(db, new PostgresStore(store));
  const findings = await driver.check();
  if (findings.length > 0)
    return { wrong: findings.map(({ collection, problem }) => `${collection}: ${problem}`), erased: 0 };

  const before = await live.rows();
  const foretold = new Erasure(
    tables,
    new Map([...before].map(([name, rows]) => [name, rows.map(({ row }) => row)])),
    persons,
    new Whose(directory, asked),
  );
  const known = persons.map((person) => driver.person(storeKeys(person, directory, asked)));
  const numberOf = new Map(known.map(({ person }, number) => [person, number]));
  const scope = { accountId: asked.account, allBots: asked.allBots, bots: asked.bots };
  const wrong: string[] = [];
  const counts = new Map<string, number>();

  const phase = async (name: Phase, whom: readonly PersonKeys[]): Promise<void> => {
    if (whom.length === 0) return;
    let remaining: readonly string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [whose, rows] of Object.entries(await driver.erase(name, whom, scope, maxRows)))
        counts.set(whose, (counts.get(whose) ?? 0) + rows);
      remaining = (await driver.probe(name, whom, scope)).map(
        ({ person, collection, reason }) =>
          `${numberOf.get(person) ?? '?'} ${collection.slice(STORE.length + 1)} ${reason}`,
      );
      if (!remaining.some((rows) => rows.endsWith('DATA_REMAINS'))) break;
    }
    const told = foretold.remaining(name).join('; ');
    if (remaining.toSorted().join('; ') !== told)
      wrong.push(`${name} remain: ${remaining.join('; ')}, and should: ${told}`);
  };
  await phase('records', known);
  await phase(
    'directory',
    known.filter((_, number) => foretold.succeeding.includes(number)),
  );
  const countOf = (number: number, { name }: Table): number =>
    counts.get(`${known[number]?.person ?? ''} ${STORE}.${name}`) ?? 0;
  wrong.push(
    ...compare(foretold.fates, before, await live.rows()),
    ...miscounted(foretold.fates, known.length, countOf),
  );
  return { wrong, erased: foretold.fates.filter(({ becomes }) => becomes !== 'stays').length };
}
