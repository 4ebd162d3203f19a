/** The types that tie, bot and account columns may have. */
export const keyTypes = ['text', 'uuid', 'integer', 'bigint'] as const;
export type KeyType = (typeof keyTypes)[number];

/** The key type of a column's type as `format_type` writes it without modifiers; null for one that can't be a key. */
export function keyTypeOf(baseType: string): KeyType | null {
  if (baseType === 'character varying') return 'text';
  return keyTypes.find((type) => type === baseType) ?? null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WHOLE = /^(?:0|-?[1-9][0-9]{0,18})$/;
const limits = {
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/**
 * Whether a column of the type can hold exactly this value. What can't be there can't match, and must not reach the
 * statement: one value that is no uuid fails a whole page, U+0000 is refused by PostgreSQL, and an unpaired surrogate
 * would be sent as U+FFFD and match someone else. Only the canonical form counts: `007` is not `7`.
 */
export function fits(value: string, type: KeyType): boolean {
  switch (type) {
    case 'text':
      return !value.includes('\0') && value.isWellFormed();
    case 'uuid':
      return UUID.test(value);
    case 'integer':
    case 'bigint': {
      if (!WHOLE.test(value)) return false;
      const [least, most] = limits[type];
      return BigInt(value) >= least && BigInt(value) <= most;
    }
  }
}
