/** Who sent a request: the client app behind a verified token. On every request behind the door as `request.caller`. */
export interface Caller {
  readonly clientId: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
  readonly origin: AppOrigin;
  /** A one-time token (`jti`): spent in the transaction of what it was used for (TokenSpender). */
  readonly oneTime: OneTimeToken | null;
}

/** Where a client app was made. Only those of the Admin Console may use this interface. */
export type AppOrigin = 'admin-console' | 'bot-builder';

export interface OneTimeToken {
  /** Keyed hash of client id and `jti`; the `jti` itself is never kept. */
  readonly hash: Buffer;
  readonly expiresOn: Date;
}
