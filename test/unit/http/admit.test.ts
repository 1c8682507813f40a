import { HttpRequest } from '@azure/functions';
import type { Auth } from '../../../shared/config.ts';
import * as accessContracts from '../../../shared/contracts/access.ts';
import * as grantContracts from '../../../shared/contracts/grant.ts';
import * as sweepContracts from '../../../shared/contracts/sweep.ts';
import * as syncContracts from '../../../shared/contracts/sync.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { makeAdmit } from '../../../shared/http/admit.ts';
import { mayManage, ROLES, toRequestedBy, type Caller } from '../../../shared/http/caller.ts';
import type { Route } from '../../../shared/http/route.ts';
import { OBJECT_ID, principalHeader } from '../../support/principals.ts';
import { sampleRoutes } from '../../support/sample-routes.ts';

/** Orchestrations and activities are functions of the same app. */
const DURABLE_NAMES = [accessContracts, grantContracts, sweepContracts, syncContracts]
  .flatMap((contracts): unknown[] => Object.values(contracts))
  .flatMap((one) => {
    if (typeof one === 'string') return /^[A-Z]/.test(one) ? [one] : [];
    return typeof one === 'object' && one !== null && 'retry' in one && 'name' in one
      ? [String(one.name)]
      : [];
  });

const ENTRA: Auth = { mode: 'entra', inFront: true };
const FUNCTION_KEY: Auth = { mode: 'function-key' };

type Asked = Pick<Route, 'role' | 'summary' | 'method'>;
const routeFor = (role: Route['role'], method: Route['method'] = 'GET'): Asked => ({
  ...{ role, method },
  summary: 'A test',
});

/** The code of the refusal, or who was admitted. */
function admit(auth: Auth, route: Asked, headers: Record<string, string> = {}): string | Caller {
  const url = 'http://127.0.0.1:7071/api/anything';
  try {
    return makeAdmit(auth)(new HttpRequest({ method: route.method, url, headers }), route);
  } catch (error) {
    if (error instanceof TerminalError) return error.problem.code;
    throw error;
  }
}

const admitted = (answer: string | Caller) => (typeof answer === 'string' ? answer : 'admitted');
const signedIn = (...roles: string[]) => ({ 'x-ms-client-principal': principalHeader(roles) });

/** What each caller gets of a route that takes the role. */
const CALLERS: [
  string,
  Auth,
  Record<string, string>,
  [read: string, upload: string, manage: string],
][] = [
  ['nobody', ENTRA, {}, ['NOT_SIGNED_IN', 'NOT_SIGNED_IN', 'NOT_SIGNED_IN']],
  ['somebody without a role', ENTRA, signedIn(), ['ROLE_MISSING', 'ROLE_MISSING', 'ROLE_MISSING']],
  [
    'somebody with roles of another app',
    ENTRA,
    signedIn('Certkeeper.read', 'Manage'),
    ['ROLE_MISSING', 'ROLE_MISSING', 'ROLE_MISSING'],
  ],
  [
    'Certkeeper.Read',
    ENTRA,
    signedIn('Certkeeper.Read'),
    ['admitted', 'ROLE_MISSING', 'ROLE_MISSING'],
  ],
  [
    'Certkeeper.Upload',
    ENTRA,
    signedIn('Certkeeper.Upload'),
    ['admitted', 'admitted', 'ROLE_MISSING'],
  ],
  ['Certkeeper.Manage', ENTRA, signedIn('Certkeeper.Manage'), ['admitted', 'admitted', 'admitted']],
  ['a function key', FUNCTION_KEY, {}, ['admitted', 'admitted', 'NEEDS_IDENTITIES']],
  [
    'a function key with a principal of its own making',
    FUNCTION_KEY,
    signedIn('Certkeeper.Manage'),
    ['admitted', 'admitted', 'NEEDS_IDENTITIES'],
  ],
  [
    'Certkeeper.Manage, where no authentication is in front',
    { mode: 'entra', inFront: false },
    signedIn('Certkeeper.Manage'),
    ['SIGN_IN_NOT_SET_UP', 'SIGN_IN_NOT_SET_UP', 'SIGN_IN_NOT_SET_UP'],
  ],
];

describe.each(CALLERS)('%s', (_, auth, headers, expected) => {
  test.each(ROLES.map((role, index) => [role, expected[index]]))(
    'at a route for %s: %s',
    (role, answer) => {
      expect(admitted(admit(auth, routeFor(role), headers))).toBe(answer);
    },
  );

  test.each(sampleRoutes().map((route) => [`${route.method} /api/${route.path}`, route] as const))(
    'at %s is treated as its role says',
    (__, route) => {
      const answer = expected[ROLES.indexOf(route.role)];
      expect(admitted(admit(auth, route, headers))).toBe(answer);
    },
  );

  test('changes nothing from a page of another site', () => {
    const fromElsewhere = { ...headers, 'sec-fetch-site': 'cross-site' };
    for (const route of sampleRoutes().filter(({ method }) => method !== 'GET')) {
      expect(admit(auth, route, fromElsewhere)).toBe('CROSS_SITE_REQUEST');
    }
  });
});

describe('Routes', () => {
  test('that only look take Certkeeper.Read, and those that change anything take more', () => {
    const odd = sampleRoutes().filter(
      ({ method, role }) => (method === 'GET') !== (role === 'Certkeeper.Read'),
    );
    // A backup is the whole ledger at once, and good for making another one.
    expect(odd.map(({ name }) => name)).toEqual(['DownloadBackup']);
  });

  test('have names and addresses of their own', () => {
    const routes = sampleRoutes();
    const names = [...routes.map(({ name }) => name), ...DURABLE_NAMES];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(routes.length);
  });
});

describe('Who asked', () => {
  test('is kept by id and name, without the roles', () => {
    const caller = admit(ENTRA, routeFor('Certkeeper.Read'), signedIn('Certkeeper.Manage'));
    expect(toRequestedBy(caller as Caller)).toEqual({
      kind: 'entra',
      id: OBJECT_ID,
      name: 'ada@contoso.com',
    });
  });

  test('is nobody known where there are function keys', () => {
    expect(toRequestedBy({ kind: 'function-key' })).toEqual({ kind: 'function-key' });
  });

  test.each<[Caller, boolean]>([
    [{ kind: 'function-key' }, false],
    [{ kind: 'entra', id: 'x', roles: ['Certkeeper.Upload'] }, false],
    [{ kind: 'entra', id: 'x', roles: ['Certkeeper.Manage'] }, true],
  ])('%j may manage: %s', (caller, may) => {
    expect(mayManage(caller)).toBe(may);
  });
});
