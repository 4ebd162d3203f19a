import { describe, expect, it } from '@jest/globals';
import { DELETE_USERS_DATA, holdsScope, isKnownScope, isWellFormedScope } from './scopes.js';

describe('scopes', () => {
  it.each([
    [[DELETE_USERS_DATA], true],
    [['Profile Management:Delete Users Data'], true],
    [['Sessions:Read', DELETE_USERS_DATA], true],
    [[], false],
    [['Delete Users Data'], false],
    [['Bot Analytics:Delete Users Data '], false],
    [['bot analytics:delete users data'], false],
  ])('%j may delete users data: %s', (held, may) => {
    expect(holdsScope(held, DELETE_USERS_DATA)).toBe(may);
  });

  it('that nobody knows are held by nobody', () => {
    expect(holdsScope(['Sessions:Read'], 'Sessions:Read')).toBe(false);
    expect(holdsScope(['toString'], 'toString')).toBe(false);
    expect(isKnownScope('Sessions:Read')).toBe(false);
    expect(isKnownScope('Profile Management:Delete Users Data')).toBe(true);
  });

  it.each([
    ['Sessions:Read', true],
    ['Sessions:Read:All', true],
    ['Sessions', false],
    [':Read', false],
    ['Sessions:', false],
    ['Sessions:\u001b[2J', false],
    [`S:${'x'.repeat(199)}`, false],
  ])('%j is a group and a name: %s', (name, well) => {
    expect(isWellFormedScope(name)).toBe(well);
  });
});
