import { Injectable } from '@nestjs/common';
import { Settings } from '../../../config/settings.js';
import { band, SteeredSize } from './steered-size.js';

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
  private readonly steeredPersons: SteeredSize;
  private readonly steeredRows: SteeredSize;

  constructor({ chunkMs, chunkPersons, chunkRows }: Settings) {
    this.enoughMs = chunkMs;
    this.steeredPersons = new SteeredSize(FIRST_PERSONS, Math.min(LEAST_PERSONS, chunkPersons), chunkPersons);
    this.steeredRows = new SteeredSize(FIRST_ROWS, Math.min(LEAST_ROWS, chunkRows), chunkRows);
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
    if (ms > band.longestMs && rows < this.rows / 2) this.steeredPersons.lasted(persons, ms);
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
