/** Who may call: the one place where callers are told apart and roles are checked. */
import type { HttpRequest } from '@azure/functions';
import { hasRole, type Caller, type Role } from './caller.ts';
import { readClientPrincipal } from './client-principal.ts';
import { isCrossSite } from './cross-site.ts';
import type { RouteDescription } from './route.ts';
import type { Auth } from '../config.ts';
import { TerminalError, type ProblemCode } from '../domain/errors.ts';

/** What admitting a caller can refuse, on every route. */
export const ADMIT_PROBLEMS = {
  entra: ['NOT_SIGNED_IN', 'ROLE_MISSING', 'SIGN_IN_NOT_SET_UP', 'CROSS_SITE_REQUEST'],
  'function-key': ['NEEDS_IDENTITIES', 'CROSS_SITE_REQUEST'],
} as const satisfies Record<Auth['mode'], readonly ProblemCode[]>;

/**
 * Admits callers to routes. With `entra` only the platform's word counts who somebody is, and only
 * where its authentication is in front; without it every call is refused. With `function-key` the
 * platform has asked for the key, and the principal's header is not even read.
 *
 * Thrown by what it answers: TerminalError with one of {@link ADMIT_PROBLEMS}.
 */
export function makeAdmit(
  auth: Auth,
): (request: HttpRequest, route: Pick<RouteDescription, 'role' | 'summary'>) => Caller {
  return (request, { role }) => {
    if (isCrossSite(request)) throw new TerminalError(CROSS_SITE);
    if (auth.mode === 'function-key') {
      const caller: Caller = { kind: 'function-key' };
      if (!hasRole(caller, role)) throw needsIdentities(role);
      return caller;
    }
    if (!auth.inFront) throw new TerminalError(NOT_SET_UP);
    const header = request.headers.get('x-ms-client-principal');
    const caller = header === null ? undefined : readClientPrincipal(header);
    if (caller === undefined) throw new TerminalError(NOT_SIGNED_IN);
    if (!hasRole(caller, role)) throw roleMissing(role);
    return caller;
  };
}

const CROSS_SITE = {
  code: 'CROSS_SITE_REQUEST',
  message: 'A page of another site may not change anything here.',
  cure: "Ask from one of this app's own pages, from the command line, or from a server.",
} as const;

const NOT_SET_UP = {
  code: 'SIGN_IN_NOT_SET_UP',
  message:
    'CERTKEEPER_AUTH is entra, and the platform does not say that its authentication is in front of this app. Nobody is let in.',
  cure: 'Turn on authentication for the function app (it sets WEBSITE_AUTH_ENABLED), or set CERTKEEPER_AUTH to function-key.',
} as const;

const NOT_SIGNED_IN = {
  code: 'NOT_SIGNED_IN',
  message: 'Nobody is signed in.',
  cure: 'Sign in with Microsoft Entra: a browser at /.auth/login/aad, a program with a token of this application.',
} as const;

function roleMissing(role: Role): TerminalError {
  return new TerminalError({
    code: 'ROLE_MISSING',
    message: `This takes the app role ${role}.`,
    cure: `Have ${role} assigned to you in the enterprise application of Certkeeper, then sign in again.`,
  });
}

function needsIdentities(role: Role): TerminalError {
  return new TerminalError({
    code: 'NEEDS_IDENTITIES',
    message: `This takes the app role ${role}, and with CERTKEEPER_AUTH set to function-key nobody is known by name.`,
    cure: 'Set CERTKEEPER_AUTH to entra, with authentication in front of the function app.',
  });
}
