import { fileURLToPath } from 'node:url';
import { type DataSource } from 'typeorm';
import { type Turn } from '../frame/turns.js';
import { type BenchProcess, type ProcessReading } from '../servers/child-process.js';
import { kept } from './accept-tables.js';
import { type LoadOrder, type LoadResult } from './load.js';

export const loadModule = fileURLToPath(new URL('load.ts', import.meta.url));

export interface AcceptRun extends LoadResult {
  /** Each answer of 200 has left its request and all its entries in the database. */
  readonly right: boolean;
  readonly process: ProcessReading;
}

export interface HttpContestantOptions {
  readonly name: string;
  readonly server: BenchProcess;
  readonly source: DataSource;
  readonly whose: 'ours' | 'theirs';
  readonly order: LoadOrder;
  readonly warmUpSeconds: number;
}

/** A server under load, whose answers are held against what is in the database afterwards. */
export class HttpContestant implements Turn<AcceptRun> {
  constructor(
    private readonly load: BenchProcess,
    private readonly options: HttpContestantOptions,
  ) {}

  get name(): string {
    return this.options.name;
  }

  /** A server that has run for minutes is what is compared: until it has compiled what it runs it is slower by a third. */
  async warmUp(): Promise<void> {
    await this.load.ask<LoadResult>({ ...this.options.order, seconds: this.options.warmUpSeconds });
  }

  async run(): Promise<AcceptRun> {
    const { server, source, whose, order } = this.options;
    const before = await kept(source, whose);
    await server.begin();
    const result = await this.load.ask<LoadResult>(order);
    const process = await server.end();
    const after = await kept(source, whose);
    const right =
      result.refused === 0 &&
      after.requests - before.requests === result.accepted &&
      after.subjects - before.subjects === result.accepted * order.ids;
    return { ...result, right, process };
  }
}
