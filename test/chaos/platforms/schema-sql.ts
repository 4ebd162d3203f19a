import { quoteName } from '../../../src/database/sql.js';
import { columnsOf, type TieWords } from './map-words.js';
import { type Table } from './table.js';

/** SQL that makes the tables of a schema, with the indexes that the data map asks for. */
export function schemaSql(schema: string, tables: readonly Table[]): string {
  return [
    `CREATE SCHEMA ${quoteName(schema)}`,
    ...tables.flatMap((table) => [
      create(schema, table),
      ...partitions(schema, table),
      ...indexes(schema, table),
      ...foreignKeys(schema, table),
    ]),
  ].join(';\n');
}

/** `$1`: rows as JSON, each cell as text. */
export function insertSql(schema: string, { name, columns }: Table): string {
  const cells = columns.map(({ name: column, type }) => `(r ->> ${quoteText(column)})::${bare(type)}`);
  return `INSERT INTO ${tableOf(schema, name)} (${columns.map((column) => quoteName(column.name)).join(', ')})
    SELECT ${cells.join(', ')} FROM jsonb_array_elements($1::jsonb) r`;
}

/** Every row with every column as text, and who wrote it last. */
export function snapshotSql(schema: string, { name, columns }: Table): string {
  const cells = columns.map(({ name: column, type }) => {
    const value = type === 'timestamptz' ? `${quoteName(column)} AT TIME ZONE 'UTC'` : quoteName(column);
    return `${quoteText(column)}, (${value})::text`;
  });
  return `SELECT jsonb_build_object(${cells.join(', ')}) AS row, xmin::text AS version FROM ${tableOf(schema, name)}`;
}

function create(schema: string, { name, columns, primaryKey, partition }: Table): string {
  const list = columns.map((column) => `${quoteName(column.name)} ${column.type}`);
  const by = partition ? ` PARTITION BY ${partition.by} (${quoteName(partition.column)})` : '';
  return `CREATE TABLE ${tableOf(schema, name)} (${[...list, `PRIMARY KEY (${names(primaryKey)})`].join(', ')})${by}`;
}

function partitions(schema: string, { name, partition }: Table): readonly string[] {
  if (!partition) return [];
  const bounds = {
    hash: ['FOR VALUES WITH (MODULUS 2, REMAINDER 0)', 'FOR VALUES WITH (MODULUS 2, REMAINDER 1)'],
    list: [`FOR VALUES IN ('eu')`, `FOR VALUES IN ('us')`, 'DEFAULT'],
    range: [`FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`, 'DEFAULT'],
  }[partition.by];
  return bounds.map(
    (bound, index) =>
      `CREATE TABLE ${tableOf(schema, `${name} ${index}`)} PARTITION OF ${tableOf(schema, name)} ${bound}`,
  );
}

function indexes(schema: string, { name, primaryKey, words }: Table): readonly string[] {
  return (words?.ties ?? []).map((tie) => {
    const ties = columnsOf(tie);
    const keys = [...tieKeys(tie), ...primaryKey.filter((key) => !ties.includes(key)).map(quoteName)];
    return `CREATE INDEX ON ${tableOf(schema, name)} (${keys.join(', ')})`;
  });
}

function tieKeys(tie: TieWords): readonly string[] {
  return columnsOf(tie).map((column) =>
    tie.email === undefined ? quoteName(column) : `lower(${quoteName(column)} COLLATE "und-x-icu")`,
  );
}

function foreignKeys(schema: string, { name, foreignKeys: keys }: Table): readonly string[] {
  return keys.flatMap(({ parent, columns }) => {
    const children = names(columns.map(({ child }) => child));
    return [
      `CREATE INDEX ON ${tableOf(schema, name)} (${children})`,
      `ALTER TABLE ${tableOf(schema, name)} ADD FOREIGN KEY (${children})
       REFERENCES ${tableOf(schema, parent)} (${names(columns.map((column) => column.parent))})`,
    ];
  });
}

function tableOf(schema: string, table: string): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

function names(list: readonly string[]): string {
  return list.map(quoteName).join(', ');
}

function bare(type: string): string {
  return type.replace(/ COLLATE .*/, '');
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
