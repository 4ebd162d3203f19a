import { type ClientAppRow } from './client-app.repository.js';

/** A client app as others may know it: everything but its secret. */
export type ClientApp = Omit<ClientAppRow, 'secret' | 'version'>;

const CLIENT_ID = /^cs-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether it could be the id of an app of ours. What could not never reaches the database. */
export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text);
}

export function withoutSecret(row: ClientAppRow): ClientApp {
  return {
    clientId: row.clientId,
    accountId: row.accountId,
    name: row.name,
    scopes: row.scopes,
    origin: row.origin,
    tokenPolicy: row.tokenPolicy,
    tokenPolicyUntil: row.tokenPolicyUntil,
    audience: row.audience,
    requireJti: row.requireJti,
    createdOn: row.createdOn,
    revokedOn: row.revokedOn,
  };
}
