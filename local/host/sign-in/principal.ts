import { createHash } from 'node:crypto';

/** Somebody whom the sign-in of this host made up. */
export interface TestPrincipal {
  readonly name: string;
  /** App roles. */
  readonly roles: readonly string[];
}

export interface Claim {
  readonly typ: string;
  readonly val: string;
}

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** The same name is the same person: an object id that follows from it. */
export function objectIdOf({ name }: TestPrincipal): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

export function claimsOf(principal: TestPrincipal): readonly Claim[] {
  return [
    { typ: OBJECT_ID, val: objectIdOf(principal) },
    { typ: 'name', val: principal.name },
    ...principal.roles.map((val) => ({ typ: 'roles', val })),
  ];
}

/**
 * The headers in which App Service's authentication tells an app who is signed in
 * (https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities).
 */
export function headersOf(principal: TestPrincipal): Readonly<Record<string, string>> {
  const value = {
    auth_typ: 'aad',
    claims: claimsOf(principal),
    name_typ: 'name',
    role_typ: 'roles',
  };
  return {
    'x-ms-client-principal': Buffer.from(JSON.stringify(value)).toString('base64'),
    'x-ms-client-principal-id': objectIdOf(principal),
    'x-ms-client-principal-name': principal.name,
    'x-ms-client-principal-idp': 'aad',
  };
}
