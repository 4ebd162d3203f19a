import { isIP } from 'node:net';

/** Reads one kind of value from the text of an environment variable. */
export interface Parser<T> {
  /** What the text has to be, for people: "a whole number from 0 to 65535". */
  readonly expected: string;
  /** undefined: the text is something else. */
  readonly parse: (text: string) => T | undefined;
}

export const text: Parser<string> = { expected: 'a text', parse: (value) => value };

export const flag: Parser<boolean> = {
  expected: 'true or false',
  parse: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
};

export function oneOf<const T extends string>(...members: readonly T[]): Parser<T> {
  return {
    expected: `one of ${members.join(', ')}`,
    parse: (value) => members.find((member) => member === value),
  };
}

/** Whether the text is just this. */
export function equals(word: string): Parser<boolean> {
  return { expected: 'a text', parse: (value) => value === word };
}

export function wholeNumber(least: number, most: number): Parser<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    parse: (value) => {
      const number = /^\d{1,10}$/.test(value) ? Number(value) : NaN;
      return number >= least && number <= most ? number : undefined;
    },
  };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from `200ms`, `2s`, `10m`, `1h`, `30d`. */
export const duration: Parser<number> = {
  expected: 'a duration with its unit (200ms, 2s, 10m, 1h, 30d), more than 0',
  parse: (value) => {
    const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value) ?? [];
    const ms = Number(count) * (unitMs[unit ?? ''] ?? NaN);
    return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
  },
};

/** As `duration`, or none: `0s`. */
export const waitingTime: Parser<number> = {
  expected: 'a duration with its unit (0s, 2s, 10m, 1h, 30d)',
  parse: (value) => (/^0(ms|s|m|h|d)$/.test(value) ? 0 : duration.parse(value)),
};

/** A calendar span of ISO 8601 in whole years, months, weeks and days: it means other days in other months. */
export const calendarSpan: Parser<string> = {
  expected: 'a calendar span of ISO 8601 (P1M, P90D, P1Y6M)',
  parse: (value) =>
    /^P(?=\d)(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?$/.test(value) && /[1-9]/.test(value)
      ? value
      : undefined,
};

/** 32 bytes in base64, as `openssl rand -base64 32` prints them. */
export const key: Parser<Buffer> = {
  expected: '32 bytes in base64 (openssl rand -base64 32)',
  parse: (value) => {
    const bytes = Buffer.from(value, 'base64');
    return bytes.length === 32 && bytes.toString('base64') === value ? bytes : undefined;
  },
};

export function url(...schemes: readonly string[]): Parser<string> {
  return {
    expected: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    parse: (value) =>
      schemes.some((scheme) => value.startsWith(`${scheme}://`)) && URL.canParse(value) ? value : undefined,
  };
}

/** Addresses and CIDR ranges, separated by commas; an empty text is an empty list. */
export const addresses: Parser<readonly string[]> = {
  expected: 'IP addresses or CIDR ranges, separated by commas',
  parse: (value) => {
    const members = value === '' ? [] : value.split(',').map((member) => member.trim());
    return members.every(isAddressOrRange) ? members : undefined;
  },
};

function isAddressOrRange(value: string): boolean {
  const [, address = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}
