import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { KeyEntity } from './key.entity.js';
import { KeyRing } from './key-ring.js';

/** Needs the data source and the settings, which the root module gives to all. */
@Module({
  imports: [TypeOrmModule.forFeature([KeyEntity])],
  providers: [KeyRing],
  exports: [KeyRing],
})
export class KeysModule {}
