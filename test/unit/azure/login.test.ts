import { generateKeyPairSync } from 'node:crypto';
import { makeTokens } from '../../../local/azure/core/tokens.ts';
import { makeLogin } from '../../../local/azure/login/index.ts';
import type { AzureService } from '../../../local/azure/service.ts';
import { TENANT } from '../../support/azure/arm-world.ts';
import {
  makeClientAssertion,
  tokenForm,
  type AssertionParts,
} from '../../support/azure/client-assertion.ts';
import {
  askService,
  makeClientCertificate,
  makeGraphWorld,
  toKeyCredential,
  type GraphAnswer,
  type GraphWorld,
} from '../../support/azure/graph-world.ts';
import { makeTestCertificate, type TestCertificate } from '../../support/azure/make-pfx.ts';

const tokens = makeTokens(Buffer.alloc(32, 7));

describe('the token endpoint', () => {
  let world: GraphWorld;
  let login: AzureService;
  let application: { id: string; clientId: string; principalId: string };
  let certificate: TestCertificate;
  beforeAll(async () => {
    certificate = await makeClientCertificate();
  });
  beforeEach(async () => {
    world = makeGraphWorld();
    const made = await world.ask('POST', '/applications', {
      displayName: 'automation',
      keyCredentials: [toKeyCredential(certificate)],
    });
    const clientId = String(made.at('appId'));
    const principal = await world.ask('POST', '/servicePrincipals', { appId: clientId });
    application = { id: String(made.at('id')), clientId, principalId: String(principal.at('id')) };
    const { principals } = world.arm.resourceManager;
    const { applications } = world.graph;
    login = makeLogin({ world: world.arm.world, tokens, applications, principals });
  });
  afterEach(() => world.close());

  const post = (form: URLSearchParams, tenant = TENANT): Promise<GraphAnswer> =>
    askService(login, 'login.microsoftonline.com', 'POST', `/${tenant}/oauth2/v2.0/token`, {
      body: form.toString(),
      as: 'nobody',
    });
  const assertion = (parts: Partial<AssertionParts> = {}): string =>
    makeClientAssertion({
      tenantId: TENANT,
      clientId: application.clientId,
      pem: certificate.pem,
      ...parts,
    });
  const ask = (parts: Partial<AssertionParts> = {}): Promise<GraphAnswer> =>
    post(tokenForm(application.clientId, assertion(parts)));
  const code = (answer: GraphAnswer): unknown => answer.at('error_codes', 0);

  it.each(['PS256', 'RS256'] as const)(
    'gives a token to who signs with a registered key: %s',
    async (algorithm) => {
      const answer = await ask({ algorithm });
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
      expect(tokens.read(`Bearer ${String(answer.at('access_token'))}`)).toEqual({
        kind: 'identity',
        objectId: application.principalId,
        clientId: application.clientId,
        audience: 'https://graph.microsoft.com',
      });
    },
  );

  it('takes the thumbprint as kid where there is no other', async () => {
    for (const kid of [
      certificate.thumbprint,
      Buffer.from(certificate.thumbprint, 'hex').toString('base64url'),
    ]) {
      expect((await ask({ header: { 'x5t#S256': undefined, kid } })).status).toBe(200);
    }
  });

  it('refuses a key that is not registered, with the thumbprint it was given', async () => {
    const other = await makeClientCertificate('CN=other');
    const answer = await ask({ pem: other.pem, algorithm: 'RS256' });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      error: 'invalid_client',
      error_codes: [700027],
      correlation_id: expect.any(String) as unknown,
      error_description: expect.stringMatching(
        `^AADSTS700027: Client assertion contains an invalid signature. \\[Reason - The key was not found., Thumbprint of key used by client: '${other.thumbprint}'`,
      ) as unknown,
    });
  });

  it('refuses a signature by another key under a registered thumbprint', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const answer = await ask({ key: privateKey });
    expect(answer.at('error_description')).toMatch(
      /AADSTS700027.*Key was found, but use of the key to verify the signature failed/,
    );
  });

  it('refuses an assertion that was altered', async () => {
    const [head = '', , signature = ''] = assertion().split('.');
    const [, claims = ''] = assertion({ claims: { extra: true } }).split('.');
    const answer = await post(tokenForm(application.clientId, [head, claims, signature].join('.')));
    expect(code(answer)).toBe(700027);
  });

  it('goes by the dates of the credential, not only of the certificate', async () => {
    const keyCredentials = [
      toKeyCredential(certificate, { endDateTime: new Date(Date.now() + 3600_000).toISOString() }),
    ];
    await world.ask('PATCH', `/applications/${application.id}`, { keyCredentials });
    expect((await ask()).status).toBe(200);
    world.arm.advance(3601);
    expect((await ask()).at('error_description')).toMatch(
      /AADSTS700027.*\[Reason - The key used is expired\..*Found key 'Start=\d\d\/\d\d\/\d{4} [\d:]{8}, End=/,
    );
  });

  it('refuses a key before its start', async () => {
    const keyCredentials = [
      toKeyCredential(certificate, {
        startDateTime: new Date(Date.now() + 3600_000).toISOString(),
      }),
    ];
    await world.ask('PATCH', `/applications/${application.id}`, { keyCredentials });
    expect((await ask()).at('error_description')).toContain('The key used is not yet valid.');
    world.arm.advance(3601);
    expect((await ask()).status).toBe(200);
  });

  it('takes two keys side by side, and none that was removed', async () => {
    const second = await makeClientCertificate('CN=second');
    const path = `/applications/${application.id}`;
    const before = await world.ask('GET', `${path}?$select=keyCredentials`);
    const [existing] = before.at('keyCredentials') as unknown[];
    await world.ask('PATCH', path, { keyCredentials: [existing, toKeyCredential(second)] });
    expect((await ask()).status).toBe(200);
    expect((await ask({ pem: second.pem })).status).toBe(200);
    const both = await world.ask('GET', `${path}?$select=keyCredentials`);
    await world.ask('PATCH', path, { keyCredentials: [both.at('keyCredentials', 1)] });
    expect(code(await ask())).toBe(700027);
    expect((await ask({ pem: second.pem })).status).toBe(200);
  });

  it('goes by what was before a change until that has been replicated', async () => {
    const second = await makeClientCertificate('CN=second');
    world.put({ 'graph.replicationSeconds': 30 });
    world.arm.advance(60);
    await world.ask('PATCH', `/applications/${application.id}`, {
      keyCredentials: [toKeyCredential(second)],
    });
    expect([(await ask()).status, (await ask({ pem: second.pem })).status]).toEqual([200, 401]);
    world.arm.advance(31);
    expect([(await ask()).status, (await ask({ pem: second.pem })).status]).toEqual([401, 200]);
  });

  const seconds = (from: number, to: number) => {
    const now = Math.floor(Date.now() / 1000);
    return { claims: { nbf: now + from, exp: now + to } };
  };
  it.each([
    ['expired', seconds(-1200, -600), 700024],
    ['not valid yet', seconds(600, 1200), 700024],
    ['of another issuer', { claims: { iss: 'other' } }, 700021],
    ['of another subject', { claims: { sub: 'other' } }, 700021],
    ['for another audience', { claims: { aud: 'https://login.example/token' } }, 700023],
    ['without an end', { claims: { exp: undefined } }, 50027],
    ['without a thumbprint', { header: { 'x5t#S256': undefined } }, 50027],
    ['of an unknown algorithm', { header: { alg: 'HS256' } }, 50027],
    ['without a signature algorithm', { header: { alg: 'none' } }, 50027],
  ])('refuses an assertion %s', async (_what, parts, expected) => {
    const answer = await ask(parts);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(code(answer)).toBe(expected);
  });

  it('does without nbf and jti, and takes the tenant as audience', async () => {
    const aud = `https://login.microsoftonline.com/${TENANT}/v2.0`;
    expect((await ask({ claims: { nbf: undefined, jti: undefined, aud } })).status).toBe(200);
  });

  it.each([
    ['accept', 200],
    ['refuse', 400],
  ] as const)('asked twice with one assertion: %s', async (rule, status) => {
    world.put({ 'assumptions.replayedAssertion': rule });
    const form = tokenForm(application.clientId, assertion());
    expect((await post(form)).status).toBe(200);
    expect((await post(form)).status).toBe(status);
    expect((await ask()).status).toBe(200);
  });

  it.each([
    ['grant_type', undefined, 900144],
    ['client_id', undefined, 900144],
    ['scope', undefined, 900144],
    ['grant_type', 'password', 70003],
    ['scope', 'https://graph.microsoft.com/User.Read', 1002012],
    ['client_assertion', undefined, 7000218],
    ['client_assertion_type', 'urn:other', 7000218],
    ['client_assertion', 'no.jwt', 50027],
    ['client_id', '00000000-0000-4000-8000-000000000000', 700016],
  ])('says what is wrong with a request: %s %s', async (name, value, expected) => {
    const form = tokenForm(application.clientId, assertion());
    if (value === undefined) form.delete(name);
    else form.set(name, value);
    expect(code(await post(form))).toBe(expected);
  });

  it('knows one tenant', async () => {
    const form = tokenForm(application.clientId, assertion());
    expect(code(await post(form, 'contoso.example'))).toBe(90002);
  });

  it('gives nothing to an application without a service principal', async () => {
    const made = await world.ask('POST', '/applications', {
      displayName: 'lonely',
      keyCredentials: [toKeyCredential(certificate)],
    });
    const clientId = String(made.at('appId'));
    const answer = await post(tokenForm(clientId, assertion({ clientId })));
    expect(code(answer)).toBe(7000229);
  });

  it('cannot be asked with a key that is no RSA key', async () => {
    const elliptic = await makeTestCertificate('CN=elliptic');
    const keyCredentials = [toKeyCredential(elliptic)];
    await world.ask('PATCH', `/applications/${application.id}`, { keyCredentials });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(code(await ask({ pem: elliptic.pem, key: privateKey }))).toBe(700027);
  });
});
