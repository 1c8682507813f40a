import { isCrossSite } from '../../../shared/http/cross-site.ts';

const asked = (headers: Record<string, string>, method = 'POST') =>
  isCrossSite({
    method,
    url: 'https://certkeeper.contoso.com/api/sweeps',
    headers: new Headers(headers),
  });

describe('A change from a page of another site', () => {
  test.each([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://certkeeper.contoso.com' }],
    [{ 'sec-fetch-site': '' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'https://certkeeper.contoso.com.evil.example' }],
    [{ origin: 'https://other.contoso.com' }],
    [{ origin: 'https://certkeeper.contoso.com:8443' }],
    [{ origin: 'null' }],
    [{ origin: '' }],
  ])('is recognised by %j', (headers) => {
    expect(asked(headers)).toBe(true);
    expect(asked(headers, 'PUT')).toBe(true);
    expect(asked(headers, 'DELETE')).toBe(true);
  });

  test('is no matter where nothing is changed', () => {
    expect(asked({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'GET')).toBe(
      false,
    );
  });
});

describe('A change that may be', () => {
  test.each([
    ['a program, which says nothing of where it comes from', {}],
    ['a page of the app', { 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ["an older browser's page of the app", { origin: 'https://certkeeper.contoso.com' }],
    [
      'a page of the app behind a proxy',
      { origin: 'https://certs.contoso.com', 'x-forwarded-host': 'certs.contoso.com' },
    ],
  ])('is asked for by %s', (_, headers) => {
    expect(asked(headers)).toBe(false);
  });
});
