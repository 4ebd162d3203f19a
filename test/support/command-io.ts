import { type DataSource } from 'typeorm';
import { type CommandIo } from '../../src/cli/command.js';
import { EventLog } from '../../src/common/logging/event-log.js';
import { type Settings } from '../../src/config/settings.js';

/** What commands of a test print, and what they find: this database under these settings. */
export class TestIo implements CommandIo {
  readonly printed: string[] = [];
  readonly told: string[] = [];
  readonly log = new EventLog('silent');

  constructor(
    private readonly dataSource: DataSource,
    readonly settings: Settings,
  ) {}

  out(text: string): void {
    this.printed.push(text);
  }

  err(text: string): void {
    this.told.push(text);
  }

  database(): Promise<{ dataSource: DataSource; settings: Settings }> {
    return Promise.resolve({ dataSource: this.dataSource, settings: this.settings });
  }

  /** The one JSON object that was printed since the last look. */
  json(): Record<string, unknown> {
    const [text, ...more] = this.printed.splice(0);
    if (text === undefined || more.length > 0) throw new Error(`printed ${more.length + 1} lines`);
    return JSON.parse(text) as Record<string, unknown>;
  }
}
