import {
  constants,
  hash,
  randomUUID,
  sign,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto';

/** Minutes are enough to be sent, and an assertion should not be good for longer. */
const VALID_SECONDS = 300;

/**
 * An assertion with which an application signs in ("Microsoft identity platform application
 * authentication certificate credentials"): PS256, the certificate named by its SHA-256.
 *
 * @param audience the address of the token endpoint
 */
export function makeClientAssertion(
  facts: { readonly appId: string; readonly audience: string; readonly now: Date },
  key: KeyObject,
  certificate: X509Certificate,
): string {
  const { appId, audience, now } = facts;
  const issuedAt = Math.floor(now.getTime() / 1_000);
  const text = [
    {
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': hash('sha256', certificate.raw, 'buffer').toString('base64url'),
    },
    {
      aud: audience,
      iss: appId,
      sub: appId,
      jti: randomUUID(),
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + VALID_SECONDS,
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(text), {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  return `${text}.${signature.toString('base64url')}`;
}
