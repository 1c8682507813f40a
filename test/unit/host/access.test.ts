import { makeAccess } from '../../../local/host/http/access.ts';
import type { OutsideRequest } from '../../../local/host/http/outside-request.ts';

const keys = { master: 'm', functionDefault: 'f', eventGrid: 'e', durable: 'd' };
const withKey = (key: string): OutsideRequest => ({
  method: 'GET',
  url: new URL(`http://127.0.0.1/?Code=${key}`),
  headers: {},
});
const withHeader = (key: string): OutsideRequest => ({
  method: 'GET',
  url: new URL('http://127.0.0.1/'),
  headers: { 'x-functions-key': key },
});

describe('Access by key', () => {
  const access = makeAccess(keys, false);

  test.each([
    ['anonymous', '', true],
    ['function', '', false],
    ['function', 'f', true],
    ['function', 'm', true],
    ['function', 'e', false],
    ['admin', 'f', false],
    ['admin', 'm', true],
  ] as const)('a function of level %s with the key "%s": %s', (level, key, allowed) => {
    expect(access.function(withKey(key), level)).toBe(allowed);
    expect(access.function(withHeader(key), level)).toBe(allowed);
  });

  test.each([
    ['eventGrid', 'e', true],
    ['eventGrid', 'd', false],
    ['eventGrid', 'f', false],
    ['eventGrid', 'm', true],
    ['durable', 'd', true],
    ['durable', 'e', false],
    ['durable', '', false],
  ] as const)('the webhook of %s with the key "%s": %s', (extension, key, allowed) => {
    expect(access.webhook(withKey(key), extension)).toBe(allowed);
  });

  test('is waived for functions and for nothing else', () => {
    const waived = makeAccess(keys, true);
    expect(waived.function(withKey(''), 'admin')).toBe(true);
    expect(waived.admin(withKey(''))).toBe(false);
    expect(waived.admin(withKey('m'))).toBe(true);
    expect(waived.webhook(withKey(''), 'eventGrid')).toBe(false);
    expect(waived.webhook(withKey(''), 'durable')).toBe(false);
  });
});
