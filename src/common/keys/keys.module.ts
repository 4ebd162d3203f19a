import { Module } from '@nestjs/common';
import { KeyRing } from './key-ring.js';

/** Needs the data source and the settings, which the root module gives to all. */
@Module({
  providers: [KeyRing],
  exports: [KeyRing],
})
export class KeysModule {}
