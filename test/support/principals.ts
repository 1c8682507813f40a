/** Callers as App Service's authentication tells an app of them. */
import type { Role } from '../../shared/http/caller.ts';

export const OBJECT_ID = '0b1ec700-0000-4000-8000-000000000007';

export interface Claim {
  readonly typ: string;
  readonly val: string;
}

const OBJECT_ID_CLAIM = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** The header's value for somebody with these roles. */
export function principalHeader(
  roles: readonly (Role | (string & {}))[],
  other: Readonly<Record<string, unknown>> = {},
  claims: readonly Claim[] = [
    { typ: OBJECT_ID_CLAIM, val: OBJECT_ID },
    { typ: 'name', val: 'Ada Lovelace' },
    { typ: 'preferred_username', val: 'ada@contoso.com' },
  ],
): string {
  const principal = {
    auth_typ: 'aad',
    claims: [...claims, ...roles.map((val) => ({ typ: 'roles', val }))],
    name_typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
    ...other,
  };
  return Buffer.from(JSON.stringify(principal)).toString('base64');
}
