/** Databases that are migrated once for a run: with schema `expunge` alone, and with the sample platform as well. */
export const templates = { ours: 'template_expunge', platform: 'template_platform' } as const;

/** The same server, another database. */
export function urlOf(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
