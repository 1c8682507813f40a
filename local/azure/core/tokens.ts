/** Access tokens: signed here with the state folder's key, and read back from requests. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from '../service.ts';

/** Managed identity tokens live 24 hours (learn.microsoft.com, "How managed identities work"). */
export const TOKEN_LIFETIME_SECONDS = 86_400;

const KEY_ID = 'local-azure';

const headerSchema = z.object({ kid: z.literal(KEY_ID) });
const claimsSchema = z.object({
  aud: z.string(),
  oid: z.string(),
  appid: z.string(),
  exp: z.number(),
});

export interface Tokens {
  /**
   * Issues a token. Its times are of the real clock, not the simulated one: the SDK clients that
   * hold it compare them with theirs.
   */
  issue(identity: {
    objectId: string;
    clientId: string;
    tenantId: string;
    audience: string;
    /** Other than a managed identity's. */
    lifetimeSeconds?: number;
  }): { token: string; expiresOn: number };
  /**
   * Who the bearer is. A token issued here that is altered or has expired is nobody's; any other
   * text is the operator's.
   */
  read(authorization: string | undefined): Principal | undefined;
}

export function makeTokens(key: Buffer, nowMs: () => number = Date.now): Tokens {
  const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();

  return {
    issue({ objectId, clientId, tenantId, audience, lifetimeSeconds = TOKEN_LIFETIME_SECONDS }) {
      const issuedAt = Math.floor(nowMs() / 1000);
      const expiresOn = issuedAt + lifetimeSeconds;
      const text = [
        { typ: 'JWT', alg: 'HS256', kid: KEY_ID },
        {
          aud: audience,
          iss: `https://sts.windows.net/${tenantId}/`,
          iat: issuedAt,
          nbf: issuedAt,
          exp: expiresOn,
          appid: clientId,
          idtyp: 'app',
          oid: objectId,
          sub: objectId,
          tid: tenantId,
          ver: '1.0',
        },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return { token: `${text}.${sign(text).toString('base64url')}`, expiresOn };
    },
    read(authorization) {
      const bearer = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
      if (bearer === undefined) return undefined;
      const [header = '', claims = '', signature = ''] = bearer.split('.');
      if (!headerSchema.safeParse(decode(header)).success) return { kind: 'operator' };
      const expected = sign(`${header}.${claims}`);
      const given = Buffer.from(signature, 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const parsed = claimsSchema.safeParse(decode(claims));
      if (!parsed.success || parsed.data.exp * 1000 <= nowMs()) return undefined;
      const { oid, appid, aud } = parsed.data;
      return { kind: 'identity', objectId: oid, clientId: appid, audience: aud };
    },
  };
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined; // not a token of ours
  }
}
