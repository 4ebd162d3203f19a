import { Module } from '@nestjs/common';
import { AccountsService } from './accounts.service.js';
import { MembershipsService } from './memberships.service.js';
import { UserDirectoryService } from './user-directory.service.js';
import { UserResolutionService } from './user-resolution.service.js';

const services = [AccountsService, MembershipsService, UserDirectoryService, UserResolutionService];

/** Who is meant, and who holds a role. */
@Module({ providers: services, exports: services })
export class UsersModule {}
