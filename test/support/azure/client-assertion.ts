/** Client assertions, as an application with a certificate makes them. */
import {
  constants,
  createHash,
  createPrivateKey,
  randomUUID,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';

export interface AssertionParts {
  readonly tenantId: string;
  readonly clientId: string;
  /** PEM with the private key and the certificate: `TestCertificate.pem`, or openssl's files joined. */
  readonly pem: string;
  /** PS256 with `x5t#S256` unless told; RS256 has `x5t`, as older clients do. */
  readonly algorithm?: 'PS256' | 'RS256';
  /** In place of, or beside, what the header and the claims have; undefined leaves one out. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs in place of the certificate's own key. */
  readonly key?: KeyObject;
}

/** A signed JWT, good for ten minutes. */
export function makeClientAssertion(parts: AssertionParts): string {
  const { tenantId, clientId, pem, algorithm = 'PS256' } = parts;
  const { raw } = new X509Certificate(pem);
  const thumbprint = (hash: string): string => createHash(hash).update(raw).digest('base64url');
  const now = Math.floor(Date.now() / 1000);
  const header = {
    alg: algorithm,
    typ: 'JWT',
    ...(algorithm === 'PS256' ? { 'x5t#S256': thumbprint('sha256') } : { x5t: thumbprint('sha1') }),
    ...parts.header,
  };
  const claims = {
    aud: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: now,
    iat: now,
    exp: now + 600,
    ...parts.claims,
  };
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(text), {
    key: parts.key ?? createPrivateKey(pem),
    ...(algorithm === 'PS256'
      ? {
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        }
      : { padding: constants.RSA_PKCS1_PADDING }),
  });
  return `${text}.${signature.toString('base64url')}`;
}

/** The form with which a token is asked for. */
export function tokenForm(
  clientId: string,
  assertion: string,
  scope = 'https://graph.microsoft.com/.default',
): URLSearchParams {
  return new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
}
