import { Module } from '@nestjs/common';
import { BotsService } from './bots.service.js';

/** Where: the bots that a request may cover. */
@Module({ providers: [BotsService], exports: [BotsService] })
export class BotsModule {}
