import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { boundaries, moments } from '../../src/config/fault-points.js';
import { boundariesIn, boundariesOf } from './boundaries.js';

describe('the fault points in the code', () => {
  it('are at every commit of the job, each named in one place', async () => {
    const { named, unnamed } = await boundariesIn('src/erasure');
    expect(unnamed).toEqual([]);
    expect(named.toSorted()).toEqual([...boundaries, ...moments].toSorted());
  });

  it.each([
    [
      'a transaction that is no boundary',
      'inTransaction(ds, limits, null, work); const w = `UPDATE expunge.a`',
    ],
    ["a transaction of TypeORM's own", 'this.dataSource.transaction(work)'],
    ['a transaction by hand', 'await runner.startTransaction()'],
    ['a statement that commits by itself', 'sql(this.dataSource.manager, `UPDATE expunge.a SET b = 1`)'],
    ['one that deletes', 'sql(dataSource.manager, `WITH c AS (SELECT 1) DELETE FROM expunge.a`)'],
  ])('would be missed at %s', (_what, code) => {
    expect(boundariesOf(parsed(code)).unnamed).toEqual(['f.ts:1']);
  });

  it.each([
    [
      'a transaction that only reads',
      'inTransaction(ds, limits, null, work); const r = `SELECT FROM expunge.a`',
    ],
    ['a named transaction', `inTransaction(ds, limits, 'accept', work)`],
    ['a statement inside one', 'sql(manager, `UPDATE expunge.a SET b = 1`)'],
    ['a statement that reads', 'sql(this.dataSource.manager, `SELECT 1`)'],
    [
      'a statement with a fault point of its own',
      `async () => { await sql(ds.dataSource.manager, 'UPDATE expunge.a'); await reachFaultPoint('batch:released'); }`,
    ],
  ])('are not missed at %s', (_what, code) => {
    expect(boundariesOf(parsed(code)).unnamed).toEqual([]);
  });
});

function parsed(code: string): ts.SourceFile {
  return ts.createSourceFile('f.ts', code, ts.ScriptTarget.ES2022, true);
}
