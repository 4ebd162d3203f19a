import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConfigurationError } from '../../config/configuration-error.js';
import { DatabaseFault } from '../../database/database-fault.js';
import { MasterKeyError } from '../errors/master-key-error.js';
import { KeyRing } from './key-ring.js';

/** A process whose master key does not unwrap the data keys must not start; one that can't look yet looks later. */
@Injectable()
export class KeyRingCheck implements OnModuleInit {
  private opened = false;

  constructor(private readonly keyRing: KeyRing) {}

  /** @throws ConfigurationError with a master key that is not the one */
  async onModuleInit(): Promise<void> {
    try {
      await this.unwraps();
    } catch (error) {
      if (error instanceof MasterKeyError)
        throw new ConfigurationError([`EXPUNGE_MASTER_KEY: ${error.message}`]);
      if (!(error instanceof DatabaseFault)) throw error;
    }
  }

  /** @throws MasterKeyError, DatabaseFault */
  async unwraps(): Promise<boolean> {
    if (!this.opened) await this.keyRing.open();
    this.opened = true;
    return true;
  }
}
