import { Module } from '@nestjs/common';
import { KeysModule } from '../../common/keys/keys.module.js';
import { RequestSealService } from './request-seal.service.js';

/** Binds what was accepted to its request. */
@Module({ imports: [KeysModule], providers: [RequestSealService], exports: [RequestSealService] })
export class SealModule {}
