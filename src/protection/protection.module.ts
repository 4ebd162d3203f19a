import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { ProtectionService } from './protection.service.js';

/** Who must stay. */
@Module({ imports: [UsersModule], providers: [ProtectionService], exports: [ProtectionService] })
export class ProtectionModule {}
