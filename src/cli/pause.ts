import { KeyRing } from '../common/keys/key-ring.js';
import { AccountsService } from '../users/accounts.service.js';
import { BrakeService, type BrakeOutcome, type OpenPause } from '../erasure/lifecycle/brake.service.js';
import { HeldRequestRepository } from '../erasure/changes/held-request.repository.js';
import { LONGEST_REASON } from '../erasure/lifecycle/parse-pause-body.js';
import { PauseRepository, type PauseTarget } from '../erasure/lifecycle/pause.repository.js';
import {
  type Command,
  CommandFailure,
  type CommandIo,
  exitStatus,
  type PauseOptions,
  type PausesOptions,
  type ResumeOptions,
} from './command.js';
import { operator } from './operator.js';

/** Pulls the brake. What is paused already stays as it is. */
export const pause: Command<PauseOptions> = async (options, io) => {
  const target = targetOf(options);
  const { reason, json } = options;
  if (reason.trim() === '' || reason.length > LONGEST_REASON)
    throw new CommandFailure(`--reason must be 1 to ${LONGEST_REASON} characters`, exitStatus.wrongUsage);
  const done = doneOr(await (await brakeOf(io)).pause(target, reason, operator));
  if (target.accountId !== null) await warnOfUnknown(target.accountId, io);
  io.out(json ? JSON.stringify({ ...target, paused: done.held }) : `paused: ${nameOf(target)}`);
  return exitStatus.done;
};

/** Releases it: exactly what is named. What is not paused is no error, but is told. */
export const resume: Command<ResumeOptions> = async (options, io) => {
  const target = targetOf(options);
  const { changed, held } = doneOr(await (await brakeOf(io)).resume(target, operator));
  if (!changed) io.err(`was not paused: ${nameOf(target)}`);
  if (held) io.err(`still rests: another pause holds it, see "expunge pauses"`);
  io.out(
    options.json
      ? JSON.stringify({ ...target, resumed: changed, paused: held })
      : `resumed: ${nameOf(target)}`,
  );
  return exitStatus.done;
};

/** Shows every pause with its reason. */
export const pauses: Command<PausesOptions> = async ({ json }, io) => {
  const open = await (await brakeOf(io)).list();
  if (json) io.out(JSON.stringify({ pauses: open }));
  else if (open.length === 0) io.err('Nothing is paused.');
  else io.out(open.map(lineOf).join('\n'));
  return exitStatus.done;
};

async function brakeOf(io: CommandIo): Promise<BrakeService> {
  const { dataSource, settings } = await io.database();
  const keyRing = new KeyRing(dataSource, settings);
  await keyRing.open();
  const [requests, rows] = [new HeldRequestRepository(dataSource), new PauseRepository(dataSource)];
  return new BrakeService(requests, rows, keyRing, io.log);
}

/** An account that the platform does not know may still have requests; more often its id was mistyped. */
async function warnOfUnknown(accountId: string, io: CommandIo): Promise<void> {
  const { dataSource } = await io.database();
  if (!(await new AccountsService().exists(dataSource.manager, accountId)))
    io.err('warning: the platform has no account with this id');
}

function targetOf({ all, account, request }: ResumeOptions): PauseTarget {
  const named = [all === true, account !== undefined, request !== undefined].filter(Boolean);
  if (named.length !== 1)
    throw new CommandFailure('name one of --all, --account and --request', exitStatus.wrongUsage);
  return { accountId: account ?? null, requestId: request ?? null };
}

function doneOr(outcome: BrakeOutcome): Extract<BrakeOutcome, { is: 'DONE' }> {
  if (outcome.is === 'UNKNOWN') throw new CommandFailure('there is no request with this id');
  if (outcome.is === 'SETTLED') throw new CommandFailure('nothing of the request is left to be paused');
  return outcome;
}

function nameOf({ accountId, requestId }: PauseTarget): string {
  return requestId ?? (accountId === null ? 'everything' : `account ${accountId}`);
}

function lineOf({ since, by, reason, ...target }: OpenPause): string {
  return [nameOf(target), `since ${since.toISOString()}`, `by ${by}`, JSON.stringify(reason)].join('  ');
}
