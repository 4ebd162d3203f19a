/**
 * What a field of a log line may hold. There is no kind for free text: a value that does not fit its kind is replaced by
 * `[refused]`, so that personal data can't reach a log even by mistake (an enterprise id `4477009` has no pattern to redact).
 */
export type FieldKind = 'id' | 'code' | 'count' | 'ms' | 'flag' | 'address';

type ValueOf<K extends FieldKind> = K extends 'count' | 'ms' ? number : K extends 'flag' ? boolean : string;

/** A kind of log line: its name and its declared fields. Declared beside the code that writes it. */
export interface LogEvent<F extends Record<string, FieldKind> = Record<string, FieldKind>> {
  readonly name: string;
  readonly fields: F;
}

export type EventValues<F extends Record<string, FieldKind>> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Declares a kind of log line. `name` is dotted and lower case (`erasure.batch.settled`). */
export function defineEvent<const F extends Record<string, FieldKind>>(name: string, fields: F): LogEvent<F> {
  return { name, fields };
}

const OUR_ID = /^(?:(?:eud|cs)-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SERIAL = /^[0-9]{1,19}$/;
const ACCOUNT = /^[0-9a-f]{24}$/;
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$|^[0-9A-Z]{5}$|^[1-5][0-9]{2}$/;
const ADDRESS = /^[0-9a-zA-Z.:[\]-]{1,80}$/;

/** The value if it fits the kind, else `[refused]`. */
export function fitField(kind: FieldKind, value: unknown): string | number | boolean {
  switch (kind) {
    case 'count':
    case 'ms':
      return typeof value === 'number' && Number.isFinite(value) ? value : '[refused]';
    case 'flag':
      return typeof value === 'boolean' ? value : '[refused]';
    case 'id':
      return typeof value === 'string' && (OUR_ID.test(value) || SERIAL.test(value) || ACCOUNT.test(value))
        ? value
        : '[refused]';
    case 'code':
      return typeof value === 'string' && CODE.test(value) ? value : '[refused]';
    case 'address':
      return typeof value === 'string' && ADDRESS.test(value) ? value : '[refused]';
  }
}
