/** What the values of a key look like, and so which column types can hold them. */
export type KeyKind = 'text' | 'uuid' | 'number';
export const keyKinds: readonly KeyKind[] = ['text', 'uuid', 'number'];

/** Values that are easily taken for each other; no two are the same. @param salt makes them another platform's */
export function alike(kind: KeyKind, salt: string): readonly string[] {
  switch (kind) {
    case 'text':
      return likenesses.map((text) => text + salt);
    case 'uuid':
      return ['0a', '0b', 'a0', 'ab', 'ff', '01'].map(
        (end) => `0a0b0c0d-0000-4000-8000-${salt.padStart(10, '0')}${end}`,
      );
    case 'number':
      return whole.map((digits) => (salt === '' ? digits : salt + digits.replace('-', '9')));
  }
}

/** The same again in another form: no key of anyone's, but near enough to be taken for one. */
export function disguised(value: string): readonly string[] {
  return [value.toUpperCase(), `${value} `, `0${value}`, value.normalize('NFD'), `${value}/`].filter(
    (other) => other !== value,
  );
}

const whole = ['7', '07', '-7', '77', '0', '1', '2147483647', '2147483648', '9223372036854775807'];

const likenesses = [
  'jane',
  'Jane',
  'jané',
  'jané'.normalize('NFD'),
  "o'jane",
  '"jane"',
  'ja/ne',
  'ja%',
  'ja_e',
  '\\jane',
  '{jane,null}',
  '😀',
  'JANE ',
  'null',
];

/** No two are the same whatever the letter case. */
export const emails: readonly string[] = [
  'Jane@example.com',
  'jané@example.com',
  'Straße@example.com',
  'strasse@example.com',
  'ΣΑΣ@example.com',
  'İ@example.com',
  "o'ja%e@example.com",
];

/** Joined by a slash, some of these pairs are one string. */
export const channels: readonly string[] = ['web', 'Web', 'a', 'a/b', ''];
export const handles: readonly string[] = ['c', 'b/c', '/c'];

/** What a column of the type can hold, written as PostgreSQL writes it. */
export function holds(type: string, value: string): boolean {
  switch (type) {
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
    case 'integer':
      return isWhole(value) && Math.abs(Number(value)) < 2 ** 31;
    case 'bigint':
      return isWhole(value) && BigInt(value) < 2n ** 63n && BigInt(value) > -(2n ** 63n);
    default:
      return true;
  }
}

function isWhole(value: string): boolean {
  return /^(0|-?[1-9][0-9]*)$/.test(value);
}
