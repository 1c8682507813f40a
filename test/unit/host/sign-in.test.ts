import type { HttpAnswer } from '../../../local/host/http/http-data.ts';
import type { OutsideRequest } from '../../../local/host/http/outside-request.ts';
import { makeSignIn, type SignInOptions } from '../../../local/host/sign-in/sign-in.ts';
import { readClientPrincipal } from '../../../shared/http/client-principal.ts';

const OPTIONS: SignInOptions = { roles: ['Certkeeper.Read', 'Certkeeper.Manage'] };
const DEVELOPER = { name: 'Local developer', roles: ['Certkeeper.Manage'] };

const request = (
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): OutsideRequest => ({ method, url: new URL(`http://127.0.0.1:7071${path}`), headers });

/** Who the app is told of. */
function principalOf({ headers }: OutsideRequest) {
  const header = headers['x-ms-client-principal'];
  return header === undefined ? undefined : readClientPrincipal(header);
}
const cookieOf = ({ headers }: HttpAnswer) => String(headers['set-cookie']).split(';')[0] ?? '';
const textOf = ({ body }: HttpAnswer) => Buffer.from(body).toString();

describe('Without a sign-in', () => {
  test('a request comes from nobody', () => {
    const { introduce } = makeSignIn(OPTIONS);
    expect(principalOf(introduce(request('/api/certificates')))).toBeUndefined();
  });

  test('a request comes from whom the host was told', () => {
    const { introduce } = makeSignIn({ ...OPTIONS, as: DEVELOPER });
    const { headers } = introduce(request('/api/certificates', { accept: 'text/csv' }));
    expect(headers).toMatchObject({
      accept: 'text/csv',
      'x-ms-client-principal-name': 'Local developer',
      'x-ms-client-principal-idp': 'aad',
    });
    expect(principalOf({ ...request('/'), headers })).toMatchObject({
      name: 'Local developer',
      roles: ['Certkeeper.Manage'],
    });
  });
});

describe('A token', () => {
  test('is somebody with the roles that were asked for', () => {
    const signIn = makeSignIn({ ...OPTIONS, as: DEVELOPER });
    const address = '/.auth/token?roles=Certkeeper.Read,Certkeeper.Upload&name=Ada';
    const token = textOf(signIn.handle(request(address))).trim();
    const authorization = `Bearer ${token}`;
    expect(principalOf(signIn.introduce(request('/', { authorization })))).toMatchObject({
      name: 'Ada',
      roles: ['Certkeeper.Read', 'Certkeeper.Upload'],
    });
  });

  test('may have no roles at all', () => {
    const signIn = makeSignIn({ ...OPTIONS, as: DEVELOPER });
    const token = textOf(signIn.handle(request('/.auth/token?roles='))).trim();
    const introduced = signIn.introduce(request('/', { authorization: `Bearer ${token}` }));
    expect(principalOf(introduced)).toMatchObject({ roles: [] });
  });

  test('is not given to who does not say which roles', () => {
    expect(makeSignIn(OPTIONS).handle(request('/.auth/token'))).toMatchObject({ status: 400 });
  });

  test.each<[string, (token: string) => string]>([
    ['of another host', () => makeSignIn(OPTIONS).bearer(DEVELOPER)],
    ['of another issuer', () => 'Bearer eyJhbGciOiJub25lIn0.e30.'],
    ['that was changed', (token) => token.replace('local.', 'local.e')],
    ['without a signature', (token) => token.slice(0, token.lastIndexOf('.'))],
    ['of another kind', () => 'Basic bG9jYWw6'],
    ['that is empty', () => 'Bearer local.'],
  ])('%s is nobody, whoever else would be', (_, spoil) => {
    const signIn = makeSignIn({ ...OPTIONS, as: DEVELOPER });
    const authorization = spoil(signIn.bearer(DEVELOPER));
    expect(principalOf(signIn.introduce(request('/', { authorization })))).toBeUndefined();
  });
});

describe('A browser', () => {
  test('signs in with a name and roles, and is sent where it wanted to go', () => {
    const signIn = makeSignIn(OPTIONS);
    const answer = signIn.handle(
      request(
        '/.auth/login/aad?name=Ada&roles=&roles=Certkeeper.Read&post_login_redirect_uri=%2Fui%3Fa%3D1',
      ),
    );
    expect(answer).toMatchObject({ status: 302, headers: { location: '/ui?a=1' } });
    expect(answer.headers['set-cookie']).toContain('HttpOnly; SameSite=Lax');
    const cookie = `theme=dark; ${cookieOf(answer)}`;
    expect(principalOf(signIn.introduce(request('/', { cookie })))).toMatchObject({
      name: 'Ada',
      roles: ['Certkeeper.Read'],
    });
    const me = signIn.handle(request('/.auth/me', { cookie }));
    expect(JSON.parse(textOf(me))).toMatchObject([{ provider_name: 'aad', user_id: 'Ada' }]);
  });

  test('is asked who it wants to be', () => {
    const page = makeSignIn({ ...OPTIONS, roles: ['"><script>'] }).handle(
      request('/.auth/login/aad?post_login_redirect_uri=/%22%3E%3Cscript%3E'),
    );
    expect(page).toMatchObject({ status: 200 });
    expect(textOf(page)).toContain('&quot;&gt;&lt;script&gt;');
    expect(textOf(page)).not.toContain('<script');
  });

  test('that a page elsewhere sends along is asked, too', () => {
    const address = '/.auth/login/aad?roles=Certkeeper.Read';
    const answer = makeSignIn(OPTIONS).handle(request(address, { 'sec-fetch-site': 'cross-site' }));
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/a\nb', 'ui'])(
    'is not sent to %j',
    (target) => {
      const query = new URLSearchParams({ roles: 'x', post_login_redirect_uri: target });
      const answer = makeSignIn(OPTIONS).handle(request(`/.auth/login/aad?${query.toString()}`));
      expect(answer.headers).toMatchObject({ location: '/' });
    },
  );

  test('that signs out is nobody, also where everybody else is somebody', () => {
    const signIn = makeSignIn({ ...OPTIONS, as: DEVELOPER });
    const answer = signIn.handle(request('/.auth/logout?post_logout_redirect_uri=/bye'));
    expect(answer).toMatchObject({ status: 302, headers: { location: '/bye' } });
    const cookie = cookieOf(answer);
    expect(principalOf(signIn.introduce(request('/', { cookie })))).toBeUndefined();
    expect(signIn.handle(request('/.auth/me', { cookie })).status).toBe(401);
  });

  test('with a session of an earlier start is whom everybody is', () => {
    const earlier = makeSignIn(OPTIONS).handle(request('/.auth/login/aad?roles=x'));
    const { introduce } = makeSignIn({ ...OPTIONS, as: DEVELOPER });
    expect(principalOf(introduce(request('/', { cookie: cookieOf(earlier) })))).toMatchObject({
      name: 'Local developer',
    });
  });
});

test.each([
  ['/.auth/nothing', 'GET', 404],
  ['/.auth/login/aad?roles=x', 'POST', 405],
])('%s by %s answers %d', (path, method, status) => {
  expect(makeSignIn(OPTIONS).handle(request(path, {}, method)).status).toBe(status);
});
