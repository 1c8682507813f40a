import { readConnection } from '../../../cli/connection.ts';
import { EXIT } from '../../../cli/exit-codes.ts';

describe('Where Certkeeper is', () => {
  test.each<[sentence: string, options: object, env: Record<string, string>, url: string]>([
    ['this machine', {}, {}, 'http://127.0.0.1:7071'],
    ['what the environment says', {}, { CERTKEEPER_URL: 'https://a.test' }, 'https://a.test'],
    [
      'what the option says, first of all',
      { url: 'https://b.test' },
      { CERTKEEPER_URL: 'https://a.test' },
      'https://b.test',
    ],
    ['not what an empty variable says', {}, { CERTKEEPER_URL: ' ' }, 'http://127.0.0.1:7071'],
    ['the same with a slash', { url: 'https://b.test/' }, {}, 'https://b.test'],
    ['the same with /api', { url: 'https://b.test/api/' }, {}, 'https://b.test'],
    ['the same with its port', { url: 'http://localhost:8071' }, {}, 'http://localhost:8071'],
  ])('is %s', (_, options, env, url) => {
    expect(readConnection(options, env)).toEqual({ url, headers: {} });
  });

  test.each([
    'certkeeper.test',
    'ftp://a.test',
    'https://me:secret@a.test',
    'https://a.test/certkeeper',
    'https://a.test?code=secret',
    'https://',
  ])('is never %s', (url) => {
    expect(() => readConnection({ url }, {})).toThrow(
      expect.objectContaining({ exitCode: EXIT.usage }) as Error,
    );
    expect(() => readConnection({ url }, {})).not.toThrow(/secret/);
  });
});

describe('A key and a token', () => {
  test('are taken from the options first, else from the environment', () => {
    const env = { CERTKEEPER_KEY: 'env-key', CERTKEEPER_TOKEN: 'env-token' };
    expect(readConnection({}, env).headers).toEqual({
      'x-functions-key': 'env-key',
      authorization: 'Bearer env-token',
    });
    expect(readConnection({ key: 'own', token: 'mine' }, env).headers).toEqual({
      'x-functions-key': 'own',
      authorization: 'Bearer mine',
    });
  });

  test.each(['http://127.0.0.1:7071', 'http://localhost:7071', 'http://[::1]:7071'])(
    'go to this machine unencrypted: %s',
    (url) => {
      expect(readConnection({ url, key: 'k' }, {}).headers).toEqual({ 'x-functions-key': 'k' });
    },
  );

  test.each(['http://a.test', 'http://127.0.0.1.a.test', 'http://localhost.a.test'])(
    'go nowhere else unencrypted: %s',
    (url) => {
      expect(() => readConnection({ url, key: 'secret' }, {})).toThrow(
        /key would go .*unencrypted/,
      );
      expect(() => readConnection({ url, token: 'secret' }, {})).toThrow(/token would go/);
      expect(readConnection({ url }, {})).toMatchObject({ url });
    },
  );

  test('with a line break in them are refused, and not quoted', () => {
    expect(() => readConnection({ key: 'secret\nx: y' }, {})).toThrow(/^The key holds/);
    expect(() => readConnection({ token: 'a secret' }, {})).toThrow(/^(?!.*secret)The token holds/);
  });
});
