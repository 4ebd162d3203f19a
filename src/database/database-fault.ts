import { types } from 'node:util';
import { QueryFailedError } from 'typeorm';

/**
 * What may be known of a database error outside the data layer: SQLSTATE and the names of constraint, table and column.
 * Never its message, detail or parameters, which carry rows (`Key (email)=(…)`, `Failing row contains (…)`).
 */
export class DatabaseFault extends Error {
  constructor(
    /** SQLSTATE, or `08000` for a connection that was refused or lost without one. */
    readonly sqlState: string,
    readonly constraint: string | null = null,
    readonly table: string | null = null,
    readonly column: string | null = null,
  ) {
    super(`database error ${sqlState}`);
    this.name = 'DatabaseFault';
  }

  /**
   * The connection or the server went away, or the server takes no commands now: also one that is in recovery or may only
   * read (25006), for what we do is never done by reading.
   */
  get connectionLost(): boolean {
    return (
      ['08', '57P'].some((kind) => this.sqlState.startsWith(kind)) ||
      ['53300', '25P03', '25P04', '25006'].includes(this.sqlState)
    );
  }

  /** Trying again may help: lost connections, serialization, deadlock, lock and statement time-outs, resources, disks. */
  get transient(): boolean {
    return (
      this.connectionLost ||
      ['40001', '40P01', '55P03', '57014', '25P02'].includes(this.sqlState) ||
      ['53', '58'].some((kind) => this.sqlState.startsWith(kind))
    );
  }
}

interface DriverError {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly table?: unknown;
  readonly column?: unknown;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** `EPIPE` would pass for a SQLSTATE. */
const SOCKET_ERROR = /^E(CONN|PIPE|NOTFOUND|TIMEDOUT|HOST|NET|AI_)/;

/** Any error of TypeORM or the driver, stripped to a DatabaseFault. Errors that are not of the database pass unchanged. */
export function toDatabaseFault(error: unknown): unknown {
  const cause = error instanceof QueryFailedError ? (error.driverError as unknown) : error;
  if (error instanceof DatabaseFault || !types.isNativeError(cause)) return error;
  const { code, constraint, table, column } = cause as DriverError;
  const name = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  if (typeof code === 'string' && SQLSTATE.test(code) && !SOCKET_ERROR.test(code))
    return new DatabaseFault(code, name(constraint), name(table), name(column));
  if (error instanceof QueryFailedError || isConnectionError(cause)) return new DatabaseFault('08000');
  return error;
}

function isConnectionError(error: Error & DriverError): boolean {
  return (
    // What TypeORM says of a transaction whose connection the server has ended meanwhile.
    /^QueryRunner(Provider)?AlreadyReleasedError$/.test(error.name) ||
    (typeof error.code === 'string' && SOCKET_ERROR.test(error.code)) ||
    /connection terminated|timeout exceeded when trying to connect|not queryable|driver not connected|is not established/i.test(
      error.message,
    )
  );
}
