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
 * @param sign PS256, with the certificate's private key
 */
export async function makeClientAssertion(
  facts: { readonly appId: string; readonly audience: string; readonly now: Date },
  certificate: X509Certificate,
  sign: (text: Buffer) => Buffer | Promise<Buffer>,
): Promise<string> {
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
  const signature = await sign(Buffer.from(text));
  return `${text}.${signature.toString('base64url')}`;
}

/** Signs as PS256 with a key that is at hand. */
export function signPs256(text: Buffer, key: KeyObject): Buffer {
  return sign('sha256', text, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}
