import { type DataSourceOptions } from 'typeorm';
import { type DatabaseFault, toDatabaseFault } from './database-fault.js';
import { Socket } from 'node:net';
import { HeardClient } from './heard-client.js';
import { loadClasses } from './load-classes.js';

export interface DatabaseAddress {
  readonly databaseUrl: string;
  /** Connections that this process opens at most. */
  readonly databasePoolSize: number;
}

/**
 * How this project connects, for the app, the command and TypeORM's own: the one place. The schema changes by migrations
 * only; statements are never logged, since their parameters are people's data. Nothing is asked of the connection at its
 * start that a transaction pooler does not know (time-outs are SET LOCAL, see transaction.ts).
 *
 * @param applicationName as `pg_stat_activity` shows it
 * @param silenceMs after which a connection that neither sends nor receives is given up: the other end of a network that was
 * cut may never say that it is gone. null for statements that may take any time
 * @param onIdleFault told of connections that broke while nobody used them; they are replaced by themselves
 */
export async function dataSourceOptions(
  address: DatabaseAddress,
  applicationName: string,
  silenceMs: number | null = null,
  onIdleFault: (fault: DatabaseFault) => void = () => undefined,
): Promise<Extract<DataSourceOptions, { type: 'postgres' }>> {
  return {
    type: 'postgres',
    url: address.databaseUrl,
    applicationName,
    poolSize: address.databasePoolSize,
    connectTimeoutMS: 3_000,
    poolErrorHandler: (error: unknown) => {
      onIdleFault(toDatabaseFault(error) as DatabaseFault);
    },
    extra: {
      Client: HeardClient,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      idleTimeoutMillis: 10_000,
      ...(silenceMs === null ? {} : { stream: () => endingInSilence(silenceMs) }),
    },
    entities: await loadClasses('.', '.entity'),
    installExtensions: false,
    synchronize: false,
    dropSchema: false,
    logging: false,
  };
}

function endingInSilence(silenceMs: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(silenceMs, () => {
    socket.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' }));
  });
}
