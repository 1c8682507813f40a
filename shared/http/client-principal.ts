import * as z from 'zod';
import { ROLES, type Caller } from './caller.ts';

/** What App Service makes of a token's claims. */
const principalSchema = z.object({
  auth_typ: z.string(),
  name_typ: z.string().nullish(),
  role_typ: z.string().nullish(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

/** Claims have the token's own names or, after the platform's mapping, those of WS-Federation. */
const CLAIMS = {
  id: ['http://schemas.microsoft.com/identity/claims/objectidentifier', 'oid'],
  name: ['preferred_username', 'upn', 'name'],
  role: ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'],
} as const;

/** A header is 64 KiB at most on App Service; more than that no platform has written. */
const LONGEST_HEADER = 64 * 1024;

/**
 * The caller in `x-ms-client-principal`: base64 of JSON
 * (https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities#decode-the-client-principal-header).
 * Roles that are not Certkeeper's are left out.
 *
 * The header is believed here: who may believe it is `admit.ts`'s to say.
 *
 * @returns undefined when it holds nobody whom Microsoft Entra has signed in
 */
export function readClientPrincipal(header: string): (Caller & { kind: 'entra' }) | undefined {
  if (header.length > LONGEST_HEADER) return undefined;
  const principal = principalSchema.safeParse(decode(header)).data;
  // App roles are Entra's: another provider's claim of the same name says nothing here.
  if (principal?.auth_typ !== 'aad') return undefined;
  const { claims, name_typ, role_typ } = principal;
  const values = (types: readonly (string | null | undefined)[]): string[] =>
    types.flatMap((type) => claims.flatMap(({ typ, val }) => (typ === type ? [val] : [])));
  const [id] = values(CLAIMS.id);
  if (id === undefined || id === '' || id.length > 256) return undefined;
  const [name] = values([name_typ, ...CLAIMS.name]);
  const held = new Set(values([role_typ, ...CLAIMS.role]));
  return {
    kind: 'entra',
    id,
    ...(name === undefined || name === '' ? {} : { name: name.slice(0, 256) }),
    roles: ROLES.filter((role) => held.has(role)),
  };
}

function decode(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
