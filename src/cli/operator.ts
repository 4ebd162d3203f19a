import { type Actor } from '../erasure/changes/held-request.repository.js';

/** Whoever runs a command: may do to all accounts what an app may do to its own. */
export const operator: Actor = { accountId: null, name: 'operator' };
