import type { IncomingMessage } from 'node:http';
import { readOutsideRequest } from '../../../local/host/http/outside-request.ts';

function read(url: string, headers: Record<string, string | string[]> = {}, method = 'GET') {
  // Only these of a request's many members are read.
  const request = { method, url, headers: { host: '127.0.0.1:7071', ...headers }, rawHeaders: [] };
  return readOutsideRequest(
    request as unknown as IncomingMessage,
    (origin) => origin === 'https://allowed.example',
  );
}

describe('A request from outside', () => {
  test.each(['127.0.0.1', '127.0.0.1:7071', 'localhost:80', 'LOCALHOST', '[::1]:7071'])(
    'may name the host %s',
    (host) => {
      expect(read('/', { host })).toHaveProperty('url');
    },
  );

  test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.', '10.0.0.1', '[::2]', ''])(
    'may not name the host %p',
    (host) => {
      expect(read('/', { host })).toMatchObject({ status: 403 });
    },
  );

  test.each(['https://evil.example', 'null', 'http://127.0.0.1.evil.example'])(
    'may not come from a page of %s',
    (origin) => {
      expect(read('/', { origin })).toMatchObject({ status: 403 });
    },
  );

  test.each(['http://127.0.0.1:7071', 'http://localhost:3000', 'https://allowed.example'])(
    'may come from a page of %s',
    (origin) => {
      expect(read('/', { origin })).toHaveProperty('url');
    },
  );

  test('loses every header that only the platform may set', () => {
    expect(
      read('/', {
        'x-ms-client-principal': 'a',
        'x-ms-client-principal-id': 'b',
        'x-ms-client-principal-name': 'c',
        'x-ms-token-aad-id-token': 'd',
        'x-ms-client-request-id': 'stays',
        accept: 'text/plain',
      }),
    ).toMatchObject({
      headers: {
        host: '127.0.0.1:7071',
        'x-ms-client-request-id': 'stays',
        accept: 'text/plain',
      },
    });
    expect(read('/', { 'x-ms-client-principal': 'a' })).not.toHaveProperty([
      'headers',
      'x-ms-client-principal',
    ]);
  });

  test.each([
    ['/a/../admin/x', '/admin/x'],
    ['//evil.example/x', '//evil.example/x'],
    ['http://evil.example/x?y=1', '/x'],
    ['http://evil.example', '/'],
  ])('for %s asks for the path %s of this host', (target, pathname) => {
    const request = read(target);
    expect(request).toHaveProperty(['url', 'pathname'], pathname);
    expect(request).toHaveProperty(['url', 'host'], '127.0.0.1:7071');
  });

  test.each(['*', 'ftp://evil.example/x', '.evil.example/x'])('for %s is refused', (target) => {
    expect(read(target, { host: 'localhost' }, 'OPTIONS')).toMatchObject({ status: 400 });
  });
});
