import { describe, expect, it } from '@jest/globals';
import { canonical, canonicalInTurns, idempotentCallOf } from './idempotent-call.js';

describe('what a call is recognised by', () => {
  const body = {
    userIds: ['jane@example.com', { channelUserId: '4477009', channelId: 'ä "b"' }, { email: 'x' }],
    RemoveDataFromAllBots: true,
    botIds: [],
    reference: null,
  };
  const written =
    '{"RemoveDataFromAllBots":true,"botIds":[],"reference":null,"userIds":["jane@example.com",' +
    '{"channelId":"ä \\"b\\"","channelUserId":"4477009"},{"email":"x"}]}';

  it('is its body, its members in alphabetical order and without blanks', () => {
    expect(canonical(body)).toBe(written);
  });

  it.each([[body], [{}], [[{ b: 1, a: 2 }]], ['text'], [null]])(
    'is written in turns as at once: %j',
    async (value) => {
      expect(await canonicalInTurns(value)).toBe(canonical(value));
    },
  );

  it('is nothing where the caller named no key', async () => {
    expect(await idempotentCallOf(undefined, body)).toBeNull();
    expect(await idempotentCallOf('k', body)).toEqual({ key: 'k', body: written });
    await expect(idempotentCallOf('', body)).rejects.toMatchObject({ httpStatus: 412 });
  });
});
