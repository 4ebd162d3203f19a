import { describe, expect, it } from '@jest/globals';
import { demoCall } from './demo-call.js';
import { SamplePlatform } from './sample-platform/sample-platform.js';

const platform = new SamplePlatform({ seed: 1, people: 2000 });
const { userIds, expected, people } = demoCall(platform);

describe('the call of the demo', () => {
  it('names some five hundred people who must be erased, visitors among them', () => {
    expect(people.userIds).toHaveLength(480);
    expect(people.visitors).toHaveLength(12);
    expect(new Set(people.userIds).size).toBe(480);
    expect(expected).toHaveLength(userIds.length);
  });

  it('names them in every form that there is', () => {
    const texts = userIds.filter((entry) => typeof entry === 'string');
    const forms = {
      userId: texts.some((text) => text.startsWith('u-')),
      emailInCapitals: texts.some((text) => text.includes('@') && text === text.toUpperCase()),
      capitalsBeyondAscii: texts.some((text) => /[ÀÉÁÜÖÍË].*@/.test(text)),
      enterpriseId: texts.some((text) => text.startsWith('E-')),
      bareChannelUserId: texts.some((text) => text.startsWith('+1555')),
      pair: texts.some((text) => text.startsWith('telegram/')),
      pairWithSlashes: texts.some((text) => /^genesys\/[0-9a-f]+\/\d+$/.test(text)),
    };
    expect(forms).toEqual(Object.fromEntries(Object.keys(forms).map((form) => [form, true])));
    const typed = userIds
      .filter((entry) => typeof entry === 'object')
      .map((entry) => Object.keys(entry).join());
    expect(new Set(typed)).toEqual(new Set(['userId', 'email', 'enterpriseId', 'channelId,channelUserId']));
  });

  it('has every kind of entry that erases nobody, and the same person twice', () => {
    const kinds = new Set(expected.map(({ status, reason }) => [status, reason].filter(Boolean).join(' ')));
    expect(kinds).toEqual(
      new Set([
        'SUCCESS',
        'SUCCESS NOT_IN_DIRECTORY',
        'PROTECTED ACCOUNT_OWNER',
        'PROTECTED ACCOUNT_MEMBER',
        'PROTECTED BOT_OWNER',
        'PROTECTED BOT_CO_DEVELOPER',
        'PROTECTED PLATFORM_ROLE',
        'AMBIGUOUS MATCHES_SEVERAL_USERS',
        'NOT_FOUND',
      ]),
    );
    expect(expected.filter(({ sameAs }) => sameAs !== null)).toHaveLength(2);
    expect(expected.filter(({ status }) => status === 'AMBIGUOUS')).toHaveLength(3);
    expect(expected.filter(({ status }) => status === 'NOT_FOUND')).toHaveLength(4);
  });

  it('never asks for a member of staff or somebody who shares a telephone to be erased', () => {
    const erased = new Set(people.userIds);
    const chosen = [...platform.people.all()].filter(({ userId }) => userId !== null && erased.has(userId));
    expect(chosen).toHaveLength(480);
    for (const { roles, slot, account } of chosen) {
      expect(roles).toEqual([]);
      expect(slot).not.toBe('family');
      expect(account).toBe(platform.world.main);
    }
  });
});
