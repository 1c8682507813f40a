import { makeTokens, TOKEN_LIFETIME_SECONDS } from '../../../../local/azure/core/tokens.ts';

const identity = {
  objectId: 'object',
  clientId: 'client',
  tenantId: 'tenant',
  audience: 'https://vault.azure.net',
};
const key = Buffer.alloc(32, 7);

describe('access tokens', () => {
  let now = Date.parse('2026-11-01T00:00:00Z');
  const tokens = makeTokens(key, () => now);
  const bearer = (token: string): string => `Bearer ${token}`;

  it('name the identity they were issued for, and the resource', () => {
    expect(tokens.read(bearer(tokens.issue(identity).token))).toEqual({
      kind: 'identity',
      objectId: 'object',
      clientId: 'client',
      audience: 'https://vault.azure.net',
    });
  });

  it('are nobody’s once they have expired', () => {
    const { token, expiresOn } = tokens.issue(identity);
    expect(expiresOn).toBe(now / 1000 + TOKEN_LIFETIME_SECONDS);

    now += TOKEN_LIFETIME_SECONDS * 1000;

    expect(tokens.read(bearer(token))).toBeUndefined();
  });

  it('are nobody’s when they were altered or signed with another key', () => {
    const [header = '', , signature = ''] = tokens.issue(identity).token.split('.');
    const claims = Buffer.from(
      JSON.stringify({ aud: 'a', oid: 'other', appid: 'other', exp: 9e9 }),
    ).toString('base64url');

    expect(tokens.read(bearer(`${header}.${claims}.${signature}`))).toBeUndefined();
    expect(
      tokens.read(bearer(makeTokens(Buffer.alloc(32, 8)).issue(identity).token)),
    ).toBeUndefined();
  });

  it.each(['Bearer x', 'bearer a.b.c', 'Bearer eyJhbGciOiJub25lIn0.e30.'])(
    'of other making are the operator’s: %s',
    (authorization) => {
      expect(tokens.read(authorization)).toEqual({ kind: 'operator' });
    },
  );

  it.each([undefined, '', 'Basic abc', 'Bearer', 'Bearer a b'])('are missing in %j', (text) => {
    expect(tokens.read(text)).toBeUndefined();
  });
});
