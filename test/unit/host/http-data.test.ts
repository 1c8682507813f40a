import { toAnswer, toRpcRequest } from '../../../local/host/http/http-data.ts';

const bytes = (text: string) => ({ bytes: Buffer.from(text) });

describe('A request on its way to a function', () => {
  test('joins several values of a query parameter, whatever their case', () => {
    const url = new URL('http://127.0.0.1/api/x?a=1&A=2&b=&a=3');
    const data = toRpcRequest(
      { method: 'GET', url, headers: { h: 'v' } },
      { id: '7' },
      Buffer.of(0, 255),
    );
    expect(data).toEqual({
      method: 'GET',
      url: url.href,
      nullableHeaders: { h: { value: 'v' } },
      nullableQuery: { a: { value: '1,2,3' }, b: { value: '' } },
      nullableParams: { id: { value: '7' } },
      body: { bytes: Buffer.of(0, 255) },
    });
  });
});

describe('An answer on its way out', () => {
  test('keeps status, headers and body', () => {
    const answer = toAnswer({
      statusCode: '201',
      headers: { 'Content-Type': 'text/x', location: '/y' },
      body: bytes('hello'),
    });
    expect(answer).toEqual({
      status: 201,
      headers: { 'content-type': 'text/x', location: '/y' },
      body: Buffer.from('hello'),
    });
  });

  test('is 204 when the function returned nothing', () => {
    expect(toAnswer(undefined)).toMatchObject({ status: 204, headers: {} });
    expect(toAnswer(null)).toMatchObject({ status: 204 });
  });

  test('carries nothing that belongs to the connection', () => {
    const headers = { 'Transfer-Encoding': 'chunked', connection: 'close', 'content-length': '3' };
    expect(toAnswer({ statusCode: '200', headers }).headers).toEqual({});
  });

  test('has no body where HTTP has none', () => {
    expect(toAnswer({ statusCode: '304', body: bytes('x') }).body).toHaveLength(0);
  });

  test('sets every cookie with its attributes', () => {
    const answer = toAnswer({
      statusCode: '200',
      headers: { 'set-cookie': 'own=1' },
      cookies: [
        { name: 'a', value: 'b c;' },
        {
          name: 'full',
          value: 'x',
          domain: { value: 'd' },
          path: { value: '/p' },
          expires: { value: { seconds: 0 } },
          maxAge: { value: 5 },
          secure: { value: true },
          httpOnly: { value: true },
          sameSite: 'explicitNone',
        },
      ],
    });
    expect(answer.headers['set-cookie']).toEqual([
      'own=1',
      'a=b%20c%3B; path=/',
      'full=x; expires=Thu, 01 Jan 1970 00:00:00 GMT; max-age=5; domain=d; path=/p; secure; samesite=none; httponly',
    ]);
  });

  test.each(['abc', '99', '600', '200.5'])('is refused with the status %s', (statusCode) => {
    expect(() => toAnswer({ statusCode })).toThrow(RangeError);
  });
});
