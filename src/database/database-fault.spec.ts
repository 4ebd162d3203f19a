import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { DatabaseFault, toDatabaseFault } from './database-fault.js';

const failed = (code: string): Error => Object.assign(new Error('as the driver says it'), { code });

describe('an error of the database', () => {
  it.each(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND'])(
    'is a lost connection when it is %s',
    (code) => {
      for (const error of [failed(code), new QueryFailedError('SELECT', [], failed(code))])
        expect(toDatabaseFault(error)).toMatchObject({ sqlState: '08000', connectionLost: true });
    },
  );

  it.each([
    ['57P01', true],
    ['23505', false],
    ['40001', false],
    ['P0001', false],
  ])('keeps its SQLSTATE when it is %s', (code, connectionLost) => {
    const error = Object.assign(new Error('connection terminated, a trigger said'), { code });
    expect(toDatabaseFault(error)).toMatchObject({ sqlState: code, connectionLost });
  });

  it('is none when it is not of the database, or told already', () => {
    const [other, told] = [new TypeError('other'), new DatabaseFault('23505')];
    expect(toDatabaseFault(other)).toBe(other);
    expect(toDatabaseFault(told)).toBe(told);
    expect(toDatabaseFault('no error')).toBe('no error');
  });
});
