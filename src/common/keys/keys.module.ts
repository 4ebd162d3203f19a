import { Module } from '@nestjs/common';
import { KeyRing } from './key-ring.js';
import { KeyRingCheck } from './key-ring-check.js';

/** Needs the data source and the settings, which the root module gives to all. */
@Module({
  providers: [KeyRing, KeyRingCheck],
  exports: [KeyRing, KeyRingCheck],
})
export class KeysModule {}
