import { CancelRepository } from './cancel.repository.js';
import { ChangeRepositories } from './change-repositories.js';
import { ChangesRepository } from './changes.repository.js';
import { HeldRequestRepository } from './held-request.repository.js';
import { RequestChanges } from './request-changes.js';
import { RetryRepository } from './retry.repository.js';

/** For a module that decides about requests, or goes on with what was decided; beside the `RollUpRepository`. */
export const changeProviders = [
  CancelRepository,
  ChangeRepositories,
  ChangesRepository,
  HeldRequestRepository,
  RequestChanges,
  RetryRepository,
];
