import { type FaultPoint } from '../../src/config/fault-points.js';
import { type SettingsValues } from '../../src/config/settings.js';

/** A service as `crash-host.ts` is told of it. */
export interface HostedService {
  readonly settings: Omit<SettingsValues, 'masterKey'> & { readonly masterKey: string };
  /** Where it stands still when it gets there for the `nth` time. */
  readonly at: FaultPoint;
  readonly nth: number;
}

/** A line on the host's standard output. */
export type HostSays =
  { readonly index: number; readonly url: string } | { readonly index: number; readonly reached: FaultPoint };
