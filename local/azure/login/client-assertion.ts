/**
 * A client assertion: a JWT by which an application proves that it holds the private key of a
 * certificate it registered. Source: "Microsoft identity platform application authentication
 * certificate credentials".
 */
import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { KeyCredential } from '../graph/key-credentials.ts';
import {
  invalidJwt,
  invalidSignature,
  outsideTimeRange,
  wrongAudience,
  wrongIssuer,
  type UsedKey,
} from './faults.ts';

/** The page asks for PS256; earlier editions of it, and older clients, have RS256. */
const PADDINGS: Readonly<Record<string, { padding: number; saltLength?: number }>> = {
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  RS256: { padding: constants.RSA_PKCS1_PADDING },
};

/** Assumed: how far the clocks of client and Entra may be apart. */
const SKEW_MS = 300_000;

const headerSchema = z.looseObject({
  alg: z.string(),
  x5t: z.string().optional(),
  'x5t#S256': z.string().optional(),
  kid: z.string().optional(),
});
const claimsSchema = z.looseObject({
  aud: z.string(),
  iss: z.string(),
  sub: z.string(),
  // "Microsoft Entra ID currently doesn't place restrictions on the exp time"; it has to be there.
  exp: z.number(),
  nbf: z.number().optional(),
  jti: z.string().optional(),
});
export type AssertionClaims = z.infer<typeof claimsSchema>;

export interface AssertionQuestion {
  readonly clientId: string;
  readonly tenantId: string;
  readonly keys: readonly KeyCredential[];
  /** By which a key is valid. */
  readonly now: Date;
  /** By which the assertion is: its own clock is the client's, which knows of no other. */
  readonly realNow: Date;
}

/**
 * The claims of an assertion that is good.
 * Thrown when it is not: a SignInFault that says why.
 */
export function checkAssertion(assertion: string, question: AssertionQuestion): AssertionClaims {
  const { clientId, tenantId, realNow } = question;
  const [head = '', payload = '', signature = '', ...more] = assertion.split('.');
  const header = headerSchema.safeParse(decode(head));
  const claims = claimsSchema.safeParse(decode(payload));
  if (!header.success || !claims.success || signature === '' || more.length > 0) {
    throw invalidJwt('It is malformed.');
  }
  const { iss, sub, aud, exp, nbf = 0 } = claims.data;
  if (!same(iss, clientId) || !same(sub, clientId)) throw wrongIssuer();
  if (!audiencesOf(tenantId).includes(aud.toLowerCase())) throw wrongAudience();
  const [from, to] = [new Date(nbf * 1000), new Date(exp * 1000)];
  if (realNow.getTime() + SKEW_MS < from.getTime() || realNow.getTime() - SKEW_MS >= to.getTime()) {
    throw outsideTimeRange(realNow, from, to);
  }
  requireSignature(
    header.data,
    Buffer.from(`${head}.${payload}`),
    Buffer.from(signature, 'base64url'),
    question,
  );
  return claims.data;
}

/** The token endpoint is what the page asks for. Assumed: the tenant's issuer is taken as well. */
function audiencesOf(tenantId: string): string[] {
  const authority = `https://login.microsoftonline.com/${tenantId}`;
  return [`${authority}/oauth2/v2.0/token`, `${authority}/oauth2/token`, `${authority}/v2.0`];
}

function requireSignature(
  header: z.infer<typeof headerSchema>,
  signed: Buffer,
  signature: Buffer,
  { clientId, keys, now }: AssertionQuestion,
): void {
  const padding = PADDINGS[header.alg];
  if (padding === undefined) throw invalidJwt(`The algorithm '${header.alg}' is not supported.`);
  const named = header['x5t#S256'] ?? header.x5t ?? header.kid;
  if (named === undefined) throw invalidJwt('No certificate thumbprint specified in token header.');
  const thumbprint = toHex(named);
  const found = keys
    .map((key) => ({ key, certificate: new X509Certificate(Buffer.from(key.key, 'base64')) }))
    .filter(({ certificate }) =>
      ['sha1', 'sha256'].some(
        (hash) => createHash(hash).update(certificate.raw).digest('hex') === thumbprint,
      ),
    );
  const [first] = found;
  if (first === undefined) throw refused('The key was not found.', { thumbprint }, clientId);
  const current = found.find(({ key }) => isCurrent(key, now));
  const { startDateTime: start, endDateTime: end } = (current ?? first).key;
  const used = { thumbprint, start, end };
  if (current === undefined) {
    const expired = Date.parse(end) <= now.getTime();
    // The second reason is assumed; the first is quoted everywhere.
    throw refused(
      expired ? 'The key used is expired.' : 'The key used is not yet valid.',
      used,
      clientId,
    );
  }
  const { publicKey } = current.certificate;
  const isRsa = publicKey.asymmetricKeyType === 'rsa';
  if (!isRsa || !verify('sha256', signed, { key: publicKey, ...padding }, signature)) {
    throw refused(
      'Key was found, but use of the key to verify the signature failed.',
      used,
      clientId,
    );
  }
}

function refused(reason: string, key: UsedKey, clientId: string): Error {
  return invalidSignature(reason, { ...key, thumbprint: key.thumbprint.toUpperCase() }, clientId);
}

function isCurrent({ startDateTime, endDateTime }: KeyCredential, now: Date): boolean {
  return Date.parse(startDateTime) <= now.getTime() && now.getTime() < Date.parse(endDateTime);
}

/** A thumbprint as headers write it: base64url; some clients have hexadecimal digits in `kid`. */
function toHex(thumbprint: string): string {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(thumbprint)
    ? thumbprint.toLowerCase()
    : Buffer.from(thumbprint, 'base64').toString('hex');
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined; // said by the schema that reads it
  }
}
