import { describeRefusal, makeAccess } from '../../../local/host/http/access.ts';
import { makeKeyRing } from '../../../local/host/keys.ts';
import type { OutsideRequest } from '../../../local/host/http/outside-request.ts';

const keys = makeKeyRing(
  {
    master: 'm',
    functionKeys: new Map([['default', 'f']]),
    systemKeys: new Map([
      ['eventgrid_extension', 'e'],
      ['durabletask_extension', 'd'],
    ]),
    functions: new Map([
      ['one', new Map([['own', 'o']])],
      ['two', new Map([['own', 't']])],
    ]),
  },
  () => undefined,
);
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
    ['function', 'o', true],
    ['function', 't', false],
    ['admin', 'f', false],
    ['admin', 'o', false],
    ['admin', 'm', true],
  ] as const)('a function of level %s with the key "%s": %s', (authLevel, key, allowed) => {
    const fn = { name: 'One', authLevel };
    expect(access.function(withKey(key), fn)).toBe(allowed);
    expect(access.function(withHeader(key), fn)).toBe(allowed);
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

  test('a refusal tells no key from a wrong one, and does not repeat it', () => {
    for (const none of [withKey(''), withHeader('')]) {
      expect(describeRefusal(none)).toMatch(/^A key is needed: /);
    }
    for (const wrong of [withKey('wr0ng'), withHeader('wr0ng')]) {
      expect(describeRefusal(wrong)).toMatch(/^The key given .* does not open this\.$/);
      expect(describeRefusal(wrong)).not.toContain('wr0ng');
    }
  });

  test('is waived for functions and for nothing else', () => {
    const waived = makeAccess(keys, true);
    expect(waived.function(withKey(''), { name: 'one', authLevel: 'admin' })).toBe(true);
    expect(waived.admin(withKey(''))).toBe(false);
    expect(waived.admin(withKey('m'))).toBe(true);
    expect(waived.webhook(withKey(''), 'eventGrid')).toBe(false);
    expect(waived.webhook(withKey(''), 'durable')).toBe(false);
  });
});
