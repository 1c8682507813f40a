import { claimsOf, headersOf, objectIdOf, type TestPrincipal } from './principal.ts';
import { signInPage } from './page.ts';
import { makeTickets } from './tickets.ts';
import { jsonAnswer, textAnswer } from '../http/answer.ts';
import type { HttpAnswer } from '../http/http-data.ts';
import type { OutsideRequest } from '../http/outside-request.ts';
import { queryValue } from '../http/query.ts';

export interface SignInOptions {
  /** App roles that the sign-in page offers. */
  readonly roles: readonly string[];
  /** Who requests without any sign of a sign-in are taken for; nobody when it is left out. */
  readonly as?: TestPrincipal;
}

/** The sign-in in front of the app. */
export interface SignIn {
  /** Answers below `/.auth`. */
  readonly handle: (request: OutsideRequest) => HttpAnswer;
  /** The request as the app gets it: with the headers of whoever is signed in. */
  readonly introduce: (request: OutsideRequest) => OutsideRequest;
  /** A value for `Authorization`. */
  readonly bearer: (principal: TestPrincipal) => string;
}

/** The name is App Service's. */
const COOKIE = 'AppServiceAuthSession';
const SIGNED_OUT = 'signed-out';
/** How tokens of this host begin, so that one of another issuer is not taken for a bad one. */
const TOKEN = 'local.';

/**
 * Stands in for App Service's authentication, set to let unauthenticated requests through: the same
 * addresses, the same headers to the app
 * (https://learn.microsoft.com/azure/app-service/overview-authentication-authorization). It asks
 * for no proof: whoever reaches this host is on this machine and may be anybody.
 */
export function makeSignIn({ roles: offered, as }: SignInOptions): SignIn {
  const tickets = makeTickets();

  function whoAsks({ headers }: OutsideRequest): TestPrincipal | undefined {
    const { authorization } = headers;
    if (authorization !== undefined) {
      const [, token = ''] = /^bearer (.*)$/i.exec(authorization) ?? [];
      return token.startsWith(TOKEN) ? tickets.read(token.slice(TOKEN.length)) : undefined;
    }
    const cookie = cookieOf(headers['cookie']);
    if (cookie === SIGNED_OUT) return undefined;
    // A session of an earlier start is none; whoever had it goes on as everybody does.
    return (cookie === undefined ? undefined : tickets.read(cookie)) ?? as;
  }

  function logIn(request: OutsideRequest): HttpAnswer {
    const principal = asked(request.url);
    const target = localPath(queryValue(request.url, 'post_login_redirect_uri'));
    // A page elsewhere may send people here; who they are signed in as is for them to say.
    if (principal === undefined || isFromElsewhere(request)) return signInPage(offered, target);
    return redirect(target, `${COOKIE}=${tickets.issue(principal)}`);
  }

  function logOut({ url }: OutsideRequest): HttpAnswer {
    const target = localPath(queryValue(url, 'post_logout_redirect_uri'));
    return redirect(target, `${COOKIE}=${SIGNED_OUT}`);
  }

  function token({ url }: OutsideRequest): HttpAnswer {
    const principal = asked(url);
    return principal === undefined
      ? textAnswer(400, 'Say which roles: /.auth/token?roles=Some.Role,Other.Role&name=Ada')
      : textAnswer(200, `${TOKEN}${tickets.issue(principal)}`, { 'cache-control': 'no-store' });
  }

  return {
    handle: (request) => {
      if (request.method !== 'GET') return textAnswer(405, '', { allow: 'GET' });
      switch (request.url.pathname.replace(/\/$/, '').toLowerCase()) {
        case '/.auth/login/aad':
          return logIn(request);
        case '/.auth/logout':
          return logOut(request);
        case '/.auth/me':
          return me(whoAsks(request));
        case '/.auth/token':
          return token(request);
        default:
          return textAnswer(404);
      }
    },
    introduce: (request) => {
      const principal = whoAsks(request);
      if (principal === undefined) return request;
      return { ...request, headers: { ...request.headers, ...headersOf(principal) } };
    },
    bearer: (principal) => `Bearer ${TOKEN}${tickets.issue(principal)}`,
  };
}

/** The principal that `?roles=…&name=…` asks for; several `roles`, or one with commas. */
function asked({ searchParams }: URL): TestPrincipal | undefined {
  if (!searchParams.has('roles')) return undefined;
  const roles = searchParams
    .getAll('roles')
    .flatMap((text) => text.split(','))
    .map((role) => role.trim())
    .filter((role) => role !== '');
  const name = searchParams.get('name')?.trim() ?? '';
  return { name: name === '' ? 'Test person' : name, roles };
}

/** As App Service answers it. */
function me(principal: TestPrincipal | undefined): HttpAnswer {
  if (principal === undefined) return textAnswer(401);
  return jsonAnswer(
    200,
    [
      {
        provider_name: 'aad',
        user_id: principal.name,
        user_claims: claimsOf(principal),
        object_id: objectIdOf(principal),
      },
    ],
    { 'cache-control': 'no-store' },
  );
}

function redirect(location: string, cookie: string): HttpAnswer {
  const attributes = 'Path=/; HttpOnly; SameSite=Lax';
  return textAnswer(302, '', { location, 'set-cookie': `${cookie}; ${attributes}` });
}

/** A path of this host; anything that might lead elsewhere becomes `/`. */
function localPath(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[^\s\\]*$/.test(text) ? text : '/';
}

function isFromElsewhere({ headers }: OutsideRequest): boolean {
  const site = headers['sec-fetch-site'] ?? 'none';
  return site !== 'none' && site !== 'same-origin';
}

function cookieOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2);
    if (name === COOKIE) return value;
  }
  return undefined;
}
