import { describe, expect, it } from '@jest/globals';
import { protect, type Role } from './protection-policy.js';

const ours = 'a'.repeat(24);
const theirs = 'b'.repeat(24);
const role = (of: Role['of'], name: string, accountId: string | null = ours): Role => ({
  of,
  accountId,
  role: name,
});

describe('protection policy', () => {
  it.each([
    ['nobody without a role', [], null],
    ['an account owner', [role('account', 'owner')], 'ACCOUNT_OWNER'],
    ['an account member', [role('account', 'member')], 'ACCOUNT_MEMBER'],
    ['a role in the account that is new to us', [role('account', 'auditor')], 'ACCOUNT_MEMBER'],
    ['a bot owner', [role('bot', 'owner')], 'BOT_OWNER'],
    ['a co-developer', [role('bot', 'co-developer')], 'BOT_CO_DEVELOPER'],
    ['a role of a bot that is new to us', [role('bot', 'tester')], 'BOT_CO_DEVELOPER'],
    ['an owner elsewhere', [role('account', 'owner', theirs)], 'PLATFORM_ROLE'],
    ['a member of a bot that is gone', [role('bot', 'owner', null)], 'PLATFORM_ROLE'],
    ['the first of several reasons', [role('account', 'owner', theirs), role('bot', 'owner')], 'BOT_OWNER'],
    ['owner before member', [role('bot', 'co-developer'), role('account', 'owner')], 'ACCOUNT_OWNER'],
  ] as const)('judges %s', (_, roles, expected) => {
    expect(protect(ours, roles)).toBe(expected);
  });
});
