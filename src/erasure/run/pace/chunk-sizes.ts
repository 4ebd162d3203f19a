import { Injectable } from '@nestjs/common';
import { Settings } from '../../../config/settings.js';
import { gentleness } from './gentleness.js';
import { type Band, band, SteeredSize } from './steered-size.js';

const FIRST_PERSONS = 100;
/** A group costs the same statements however few it names: below this they are what takes the time. */
const LEAST_PERSONS = 100;
const FIRST_ROWS = 2_000;
const LEAST_ROWS = 40;

/**
 * How much one erasing transaction of this process does: persons that its statements name, and rows that it removes. What
 * one batch has taught holds for the next. The settings are the most that either may become.
 */
@Injectable()
export class ChunkSizes {
  /** After which a transaction takes no further statement, in milliseconds. */
  readonly enoughMs: number;
  private readonly lasts: Band;
  private readonly steeredPersons: SteeredSize;
  private readonly steeredRows: SteeredSize;

  constructor({ pace, chunkMs, chunkPersons, chunkRows }: Settings) {
    const share = pace === 'gentle' ? gentleness : 1;
    const steered = (first: number, least: number, most: number): SteeredSize =>
      new SteeredSize(first / share, Math.min(least / share, most), most, this.lasts);
    this.enoughMs = chunkMs / share;
    this.lasts = {
      shortestMs: band.shortestMs / share,
      aimMs: band.aimMs / share,
      longestMs: band.longestMs / share,
    };
    this.steeredPersons = steered(FIRST_PERSONS, LEAST_PERSONS, chunkPersons);
    this.steeredRows = steered(FIRST_ROWS, LEAST_ROWS, chunkRows);
  }

  get persons(): number {
    return this.steeredPersons.value;
  }

  get rows(): number {
    return this.steeredRows.value;
  }

  /** After a transaction that erased rows of these persons. */
  erased(persons: number, rows: number, ms: number): void {
    // Few rows in a long time: it may be looking for so many persons that took it.
    if (ms > this.lasts.longestMs && rows < this.rows / 2) this.steeredPersons.lasted(persons, ms);
    this.steeredRows.lasted(rows, ms);
  }

  /** After a transaction that did the same for each of the persons. */
  handled(persons: number, ms: number): void {
    this.steeredPersons.lasted(persons, ms);
  }

  /** After a statement that took so long that the server ended it. */
  slowDown(): void {
    this.steeredPersons.slowDown();
    this.steeredRows.slowDown();
  }
}
