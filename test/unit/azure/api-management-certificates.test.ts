import {
  GROUP,
  makeFleetWorld,
  type Answer,
  type ArmWorld,
  type SecretAnswer,
} from '../../support/azure/arm-world.ts';
import { until } from '../../support/azure/until.ts';
import { makeTestCertificate, type TestCertificate } from '../../support/azure/make-pfx.ts';

const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/contoso-gw`;
const CERTIFICATES = `${SERVICE}/certificates`;
const SECRET = 'https://contoso-kv.vault.azure.net/secrets/gateway-client';
const VERSION = '0123456789abcdef0123456789abcdef';

describe('certificates of an API Management service', () => {
  let arm: ArmWorld;
  let first: TestCertificate;
  let second: TestCertificate;

  beforeAll(async () => {
    first = await makeTestCertificate('CN=gateway, O=Contoso');
    second = await makeTestCertificate('CN=gateway, O=Contoso');
  });
  beforeEach(async () => {
    arm = await makeFleetWorld();
    arm.put({ 'apiManagement.operationSeconds': 0 });
    await service({ type: 'SystemAssigned' });
    secret(SECRET, first);
  });
  afterEach(() => arm.close());

  const service = (
    identity: Record<string, unknown> | undefined,
    sku = 'Developer',
    path = SERVICE,
  ) =>
    arm.ask('PUT', path, {
      body: {
        location: 'westeurope',
        sku: { name: sku, capacity: 1 },
        properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
        ...(identity === undefined ? {} : { identity }),
      },
    });
  const secret = (identifier: string, certificate: TestCertificate): void => {
    arm.secrets.set(identifier, {
      kind: 'read',
      id: `${identifier}/${VERSION}`,
      contentType: 'application/x-pkcs12',
      value: certificate.pfx,
    });
  };
  const refuse = (
    identifier: string,
    refusal: Partial<Extract<SecretAnswer, { kind: 'refused' }>>,
  ): void => {
    arm.secrets.set(identifier, {
      kind: 'refused',
      status: 403,
      code: 'Forbidden',
      message: 'Caller is not authorized',
      ...refusal,
    });
  };
  const put = (
    name: string,
    properties: Record<string, unknown>,
    headers: Record<string, string> = {},
  ) => arm.ask('PUT', `${CERTIFICATES}/${name}`, { body: { properties }, headers });
  const attach = (
    name = 'gateway-client',
    keyVault: Record<string, unknown> = { secretIdentifier: SECRET },
  ) => put(name, { keyVault });
  const get = (name = 'gateway-client') => arm.ask('GET', `${CERTIFICATES}/${name}`);
  const refresh = (name = 'gateway-client') =>
    arm.ask('POST', `${CERTIFICATES}/${name}/refreshSecret`);
  const errorOf = (answer: Answer): unknown[] => [
    answer.status,
    answer.at('error', 'code'),
    answer.at('error', 'details', 0, 'target'),
  ];

  describe('from Key Vault', () => {
    it('are read as the system-assigned identity and answered in the documented shape', async () => {
      const made = await attach();
      expect(made.status).toBe(201);
      expect(made.headers['etag']).toMatch(/^"[A-Za-z0-9+/=]{12}"$/);
      expect(made.body).toEqual({
        id: `${CERTIFICATES}/gateway-client`,
        type: 'Microsoft.ApiManagement/service/certificates',
        name: 'gateway-client',
        properties: {
          subject: 'CN=gateway, O=Contoso',
          thumbprint: first.thumbprint,
          expirationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
          keyVault: {
            secretIdentifier: SECRET,
            lastStatus: {
              code: 'Success',
              timeStampUtc: expect.stringMatching(/\.\d{7}Z$/) as unknown,
            },
          },
        },
      });
      const principalId = (await arm.ask('GET', SERVICE)).at('identity', 'principalId');
      expect(arm.reads).toEqual([
        {
          identifier: SECRET,
          as: expect.objectContaining({ kind: 'systemAssigned', objectId: principalId }) as unknown,
        },
      ]);
      expect((await get()).body).toEqual(made.body);
    });

    it('are read as the user-assigned identity that is named', async () => {
      const identity = await arm.ask(
        'PUT',
        `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gw`,
        {
          body: { location: 'westeurope' },
        },
      );
      await service({
        type: 'UserAssigned',
        userAssignedIdentities: { [String(identity.at('id'))]: {} },
      });
      const clientId = String(identity.at('properties', 'clientId'));
      const made = await attach('one', { secretIdentifier: SECRET, identityClientId: clientId });
      expect(made.status).toBe(201);
      expect(made.at('properties', 'keyVault', 'identityClientId')).toBe(clientId);
      expect(arm.reads.at(-1)?.as).toMatchObject({
        kind: 'userAssigned',
        objectId: identity.at('properties', 'principalId'),
      });
      // Without naming it there is no identity to read with.
      expect(errorOf(await attach('two'))).toEqual([400, 'InvalidOperation', undefined]);
    });

    it('need an identity', async () => {
      await service(undefined);
      const answer = await attach();
      expect(answer.status).toBe(400);
      expect(answer.at('error', 'message')).toContain('Managed Service Identity');
      expect((await get()).status).toBe(404);
      expect(arm.reads).toEqual([]);
    });

    it('refuse a client id that is none of the service, its own system-assigned one included', async () => {
      const principalId = String((await arm.ask('GET', SERVICE)).at('identity', 'principalId'));
      const stranger = '99999999-9999-4999-8999-999999999999';
      for (const identityClientId of [stranger, principalId]) {
        const answer = await attach('x', { secretIdentifier: SECRET, identityClientId });
        expect(errorOf(answer)).toEqual([400, 'ValidationError', 'identityClientId']);
        expect(answer.at('error', 'details', 0, 'message')).toContain(
          'Can not find Managed Identity',
        );
      }
    });

    it.each([
      [
        'a /certificates/ identifier',
        'https://contoso-kv.vault.azure.net/certificates/gateway-client',
        'only accepts KeyVault Secrets type',
      ],
      [
        'an identifier that is no address',
        'gateway-client',
        'not a valid Key Vault secret identifier',
      ],
      [
        'an identifier of another host',
        'https://evil.example.com/secrets/x',
        'not a valid Key Vault secret identifier',
      ],
      [
        'an identifier with something behind the version',
        `${SECRET}/${VERSION}/more`,
        'not a valid Key Vault secret identifier',
      ],
    ])('refuse %s', async (_what, secretIdentifier, message) => {
      const answer = await attach('x', { secretIdentifier });
      expect(errorOf(answer)).toEqual([400, 'ValidationError', 'secretIdentifier']);
      expect(answer.at('error', 'details', 0, 'message')).toContain(message);
      expect(arm.reads).toEqual([]);
    });

    it.each<[string, SecretAnswer]>([
      ['is not PKCS#12', { kind: 'read', id: SECRET, contentType: 'text/plain', value: 'hello' }],
      [
        'is PKCS#12 by name only',
        { kind: 'read', id: SECRET, contentType: 'application/x-pkcs12', value: 'aGVsbG8=' },
      ],
    ])('refuse a secret that %s', async (_what, secretAnswer) => {
      arm.secrets.set(SECRET, secretAnswer);
      expect(errorOf(await attach())).toEqual([400, 'ValidationError', 'secretIdentifier']);
    });

    it.each([
      ['expired', { from: -7_200, to: -3_600 }],
      ['not valid yet', { from: 3_600, to: 7_200 }],
    ])('that are %s are refused, or taken, as is assumed', async (_what, validity) => {
      const { pfx: value } = await makeTestCertificate('CN=test', undefined, validity);
      const contentType = 'application/x-pkcs12';
      arm.secrets.set(SECRET, { kind: 'read', id: SECRET, contentType, value });
      expect(errorOf(await attach())).toEqual([400, 'ValidationError', 'secretIdentifier']);
      arm.put({ 'assumptions.certificateOutsideValidity': 'accept' });
      expect((await attach()).status).toBe(201);
    });

    it('that cannot be read are refused, or stored with what went wrong, as is assumed', async () => {
      refuse(SECRET, {});
      const refused = await attach();
      expect(errorOf(refused)).toEqual([400, 'InvalidOperation', undefined]);
      expect(refused.at('error', 'message')).toContain('has GET permissions on secrets');
      expect((await get()).status).toBe(404);

      arm.put({ 'assumptions.unreadableKeyVaultPut': 'store' });
      const stored = await attach();
      expect(stored.status).toBe(201);
      expect(stored.at('properties', 'thumbprint')).toBeNull();
      expect(stored.at('properties', 'keyVault', 'lastStatus')).toMatchObject({
        code: 'Forbidden',
        message: 'Caller is not authorized',
      });
    });
  });

  describe('that are refreshed', () => {
    it('hold the new thumbprint at once, under a new ETag', async () => {
      const made = await attach();
      secret(SECRET, second);
      const answer = await refresh();
      expect(answer.status).toBe(200);
      expect(answer.at('properties', 'thumbprint')).toBe(second.thumbprint);
      expect(answer.headers['etag']).not.toBe(made.headers['etag']);
      expect((await get()).at('properties', 'thumbprint')).toBe(second.thumbprint);
    });

    it('without a new version keep their ETag', async () => {
      const made = await attach();
      expect((await refresh()).headers['etag']).toBe(made.headers['etag']);
    });

    it('keep what they have when the vault refuses, and say why', async () => {
      await attach();
      refuse(SECRET, { status: 404, code: 'SecretNotFound', message: 'gone' });
      const answer = await refresh();
      expect(errorOf(answer)).toEqual([400, 'InvalidOperation', undefined]);
      const after = await get();
      expect(after.at('properties', 'thumbprint')).toBe(first.thumbprint);
      expect(after.at('properties', 'keyVault', 'lastStatus')).toMatchObject({
        code: 'SecretNotFound',
        message: 'gone',
      });

      const failed = await arm.ask('GET', CERTIFICATES, {
        query: { isKeyVaultRefreshFailed: 'true' },
      });
      expect(failed.at('count')).toBe(1);
      secret(SECRET, first);
      await refresh();
      const cured = await arm.ask('GET', CERTIFICATES, {
        query: { isKeyVaultRefreshFailed: 'true' },
      });
      expect(cured.at('count')).toBe(0);
    });

    it('answer the failure as a status when that is assumed', async () => {
      arm.put({ 'assumptions.failedRefresh': 'answer' });
      await attach();
      refuse(SECRET, {});
      const answer = await refresh();
      expect(answer.status).toBe(200);
      expect(answer.at('properties', 'keyVault', 'lastStatus', 'code')).toBe('Forbidden');
    });

    it('answer the previous state when that is assumed, and the new one to the next GET', async () => {
      arm.put({ 'assumptions.refreshAnswer': 'previous' });
      await attach();
      secret(SECRET, second);
      expect((await refresh()).at('properties', 'thumbprint')).toBe(first.thumbprint);
      expect((await get()).at('properties', 'thumbprint')).toBe(second.thumbprint);
    });

    it('must come from Key Vault, unless that is assumed otherwise', async () => {
      await put('uploaded', { data: first.pfx, password: '' });
      expect((await refresh('uploaded')).status).toBe(400);
      arm.put({ 'assumptions.refreshOfUploadedCertificate': 'answer' });
      expect((await refresh('uploaded')).at('properties', 'thumbprint')).toBe(first.thumbprint);
      expect((await refresh('missing')).status).toBe(404);
    });

    it('lose nothing when they are deleted while the vault is read', async () => {
      await attach();
      const refreshing = refresh();
      await arm.ask('DELETE', `${CERTIFICATES}/gateway-client`, { headers: { 'if-match': '*' } });
      expect((await refreshing).status).toBe(404);
      expect((await get()).status).toBe(404);
    });

    it('read a pinned version and nothing newer', async () => {
      secret(`${SECRET}/${VERSION}`, first);
      await attach('pinned', { secretIdentifier: `${SECRET}/${VERSION}` });
      secret(SECRET, second);
      expect((await refresh('pinned')).at('properties', 'thumbprint')).toBe(first.thumbprint);
    });
  });

  describe('that nobody refreshes', () => {
    const thumbprint = async (name: string): Promise<unknown> =>
      (await get(name)).at('properties', 'thumbprint');

    it('are read again within four hours when they name no version', async () => {
      secret(`${SECRET}/${VERSION}`, first);
      await attach();
      await attach('pinned', { secretIdentifier: `${SECRET}/${VERSION}` });
      secret(SECRET, second);
      secret(`${SECRET}/${VERSION}`, second);
      arm.advance(4 * 3600);
      await until(async () => (await thumbprint('gateway-client')) === second.thumbprint);
      expect(await thumbprint('pinned')).toBe(first.thumbprint);
    });

    it('are read again after a restart, on the schedule from before it', async () => {
      await attach();
      arm.advance(3 * 3600);
      const readsBefore = arm.reads.length;
      const again = arm.restarted();
      again.secrets.set(SECRET, {
        kind: 'read',
        id: SECRET,
        contentType: 'application/x-pkcs12',
        value: second.pfx,
      });
      again.advance(3600);
      await until(async () => {
        const answer = await again.ask('GET', `${CERTIFICATES}/gateway-client`);
        return answer.at('properties', 'thumbprint') === second.thumbprint;
      });
      expect(arm.reads.length).toBe(readsBefore);
    });
  });

  describe('from data', () => {
    it('show what the file holds, and never the file', async () => {
      const made = await put('uploaded', { data: first.pfx, password: '' });
      expect(made.status).toBe(201);
      expect(made.at('properties')).toEqual({
        subject: 'CN=gateway, O=Contoso',
        thumbprint: first.thumbprint,
        expirationDate: expect.any(String) as unknown,
      });
    });

    it.each<[string, () => Record<string, unknown>, string]>([
      ['neither data nor a reference', () => ({}), 'data'],
      ['both of them', () => ({ data: first.pfx, keyVault: { secretIdentifier: SECRET } }), 'data'],
      ['data that is no PKCS#12', () => ({ data: 'aGVsbG8=', password: '' }), 'data'],
      ['a wrong password', () => ({ data: first.pfx, password: 'wrong' }), 'data'],
      ['a certificate without key', () => ({ data: first.der.toString('base64') }), 'data'],
      ['data of another type', () => ({ data: 7 }), 'properties.data'],
    ])('refuse %s', async (_what, properties, target) => {
      expect(errorOf(await put('x', properties()))).toEqual([400, 'ValidationError', target]);
    });
  });

  describe('under concurrent change', () => {
    it('are updated only by who names their state, or all states', async () => {
      const made = await attach();
      const body = { data: second.pfx };
      expect((await put('gateway-client', body)).status).toBe(412);
      expect((await put('gateway-client', body, { 'if-match': '"AAAAAAAAAAA="' })).status).toBe(
        412,
      );
      const updated = await put('gateway-client', body, {
        'if-match': String(made.headers['etag']),
      });
      expect(updated.status).toBe(200);
      expect(updated.at('properties', 'thumbprint')).toBe(second.thumbprint);
      expect(
        (await put('gateway-client', body, { 'if-match': String(made.headers['etag']) })).status,
      ).toBe(412);
      expect((await put('gateway-client', body, { 'if-match': '*' })).status).toBe(200);
      arm.put({ 'assumptions.updateWithoutIfMatch': 'accept' });
      expect((await put('gateway-client', body)).status).toBe(200);
    });

    it('are not made by who expects them to be there in some state', async () => {
      expect((await put('new', { data: first.pfx }, { 'if-match': '"AAAAAAAAAAE="' })).status).toBe(
        412,
      );
      expect((await put('new', { data: first.pfx }, { 'if-match': '*' })).status).toBe(201);
    });

    it('are deleted only with If-Match', async () => {
      const made = await attach();
      const remove = (headers: Record<string, string>) =>
        arm.ask('DELETE', `${CERTIFICATES}/gateway-client`, { headers });
      expect((await remove({})).at('error', 'code')).toBe('PreconditionFailed');
      expect((await remove({ 'if-match': '"AAAAAAAAAAA="' })).status).toBe(412);
      expect((await remove({ 'if-match': String(made.headers['etag']) })).status).toBe(200);
      expect((await remove({ 'if-match': '*' })).status).toBe(204);
    });
  });

  it('tell their state to HEAD without a body', async () => {
    const made = await attach();
    const head = await arm.ask('HEAD', `${CERTIFICATES}/Gateway-Client`);
    expect([head.status, head.headers['etag'], head.body]).toEqual([
      200,
      made.headers['etag'],
      undefined,
    ]);
    expect((await arm.ask('HEAD', `${CERTIFICATES}/missing`)).status).toBe(404);
  });

  it('have ids of at most 80 characters', async () => {
    expect((await put('a'.repeat(80), { data: first.pfx })).status).toBe(201);
    expect(errorOf(await put('a'.repeat(81), { data: first.pfx }))).toEqual([
      400,
      'ValidationError',
      'certificateId',
    ]);
    expect(errorOf(await put('a%3Ab', { data: first.pfx }))).toEqual([
      400,
      'ValidationError',
      'certificateId',
    ]);
  });

  it('are listed with count, pages and filters', async () => {
    for (const name of ['alpha', 'beta', 'gamma']) await put(name, { data: first.pfx });
    await put('delta', { data: second.pfx });
    const names = async (query: Record<string, string>): Promise<unknown> => {
      const list = await arm.ask('GET', CERTIFICATES, { query });
      const value = list.at('value');
      return Array.isArray(value) ? value.map((_, at) => list.at('value', at, 'name')) : list.body;
    };
    expect(await names({})).toEqual(['alpha', 'beta', 'delta', 'gamma']);
    expect(await names({ $top: '1', $skip: '2' })).toEqual(['delta']);
    expect(await names({ $filter: `thumbprint eq '${second.thumbprint}'` })).toEqual(['delta']);
    expect(await names({ $filter: "substringof('amm',name) or startswith(name,'al')" })).toEqual([
      'alpha',
      'gamma',
    ]);
    expect(await names({ $filter: "contains(subject,'contoso') and name ne 'alpha'" })).toEqual([
      'beta',
      'delta',
      'gamma',
    ]);
    expect(await names({ $filter: 'expirationDate lt 2020-01-01T00:00:00Z' })).toEqual([]);
    expect(
      (await arm.ask('GET', CERTIFICATES, { query: { $filter: "colour eq 'red'" } })).status,
    ).toBe(400);
    expect((await arm.ask('GET', CERTIFICATES, { query: { $top: '0' } })).status).toBe(400);

    const page = await arm.ask('GET', CERTIFICATES, { query: { $top: '3' } });
    expect(page.at('count')).toBe(4);
    const next = await arm.ask(
      'GET',
      String(page.at('nextLink')).replace('https://management.azure.com', ''),
    );
    expect(next.at('value', 0, 'name')).toBe('gamma');
    expect(next.at('nextLink')).toBeUndefined();
  });

  it('are at most fifty on the Consumption tier', async () => {
    await service({ type: 'None' }, 'Consumption');
    for (let at = 0; at < 50; at += 1) await put(`c${at}`, { data: first.pfx });
    expect((await put('one-more', { data: first.pfx })).status).toBe(400);
    expect((await put('c1', { data: second.pfx }, { 'if-match': '*' })).status).toBe(200);
  });

  it('of a workspace are made from data only, beside the ones of the service', async () => {
    const workspace = `${SERVICE}/workspaces/team-a`;
    expect(
      (
        await arm.ask('PUT', `${workspace}/certificates/one`, {
          body: { properties: { data: first.pfx } },
        })
      ).status,
    ).toBe(404);
    await arm.ask('PUT', workspace, { body: { properties: { displayName: 'Team A' } } });
    const made = await arm.ask('PUT', `${workspace}/certificates/one`, {
      body: { properties: { data: first.pfx } },
    });
    expect(made.status).toBe(201);
    expect(made.at('type')).toBe('Microsoft.ApiManagement/service/workspaces/certificates');
    expect(made.at('id')).toBe(`${workspace}/certificates/one`);
    const vaulted = await arm.ask('PUT', `${workspace}/certificates/two`, {
      body: { properties: { keyVault: { secretIdentifier: SECRET } } },
    });
    expect(errorOf(vaulted)).toEqual([400, 'ValidationError', 'keyVault']);
    expect((await arm.ask('GET', CERTIFICATES)).at('count')).toBe(0);

    await arm.ask('DELETE', workspace, { headers: { 'if-match': '*' } });
    await arm.ask('PUT', workspace, { body: { properties: { displayName: 'Team A' } } });
    expect((await arm.ask('GET', `${workspace}/certificates`)).at('count')).toBe(0);
  });

  describe('of a workspace', () => {
    const workspace = `${SERVICE}/workspaces/team-a`;
    const one = `${workspace}/certificates/one`;
    const putOne = (properties: Record<string, unknown>, headers: Record<string, string> = {}) =>
      arm.ask('PUT', one, { body: { properties }, headers });
    beforeEach(() => arm.ask('PUT', workspace, { body: { properties: { displayName: 'A' } } }));

    it('are opened for real, with the password that comes along', async () => {
      const wrong = await putOne({ data: first.pfx, password: 'not this one' });
      expect(errorOf(wrong)).toEqual([400, 'ValidationError', 'data']);
      const made = await putOne({ data: first.pfx, password: '' });
      expect(made.at('properties', 'thumbprint')).toBe(first.thumbprint);
      expect(JSON.stringify(made.body)).not.toContain(first.pfx);
      expect(errorOf(await putOne({ data: 'AAAA' }, { 'if-match': '*' }))).toEqual([
        400,
        'ValidationError',
        'data',
      ]);
    });

    it('change their ETag with every write, and are replaced and deleted by it', async () => {
      const made = await putOne({ data: first.pfx });
      const etag = String(made.headers['etag']);
      expect((await arm.ask('HEAD', one)).headers['etag']).toBe(etag);
      const replaced = await putOne({ data: second.pfx }, { 'if-match': etag });
      expect(replaced.at('properties', 'thumbprint')).toBe(second.thumbprint);
      const current = String(replaced.headers['etag']);
      expect([replaced.status, current === etag]).toEqual([200, false]);

      const late = await putOne({ data: first.pfx }, { 'if-match': etag });
      expect([late.status, late.at('error', 'code')]).toEqual([412, 'PreconditionFailed']);
      for (const headers of [{}, { 'if-match': etag }]) {
        expect((await arm.ask('DELETE', one, { headers })).status).toBe(412);
      }
      expect((await arm.ask('DELETE', one, { headers: { 'if-match': current } })).status).toBe(200);
      expect((await arm.ask('GET', one)).status).toBe(404);
    });

    it.each<['refuse' | 'accept', number]>([
      ['refuse', 412],
      ['accept', 200],
    ])('are replaced without If-Match or not, as it is assumed (%s)', async (choice, status) => {
      arm.put({ 'assumptions.updateWithoutIfMatch': choice });
      await putOne({ data: first.pfx });
      expect((await putOne({ data: second.pfx })).status).toBe(status);
    });

    it("may be read from a vault as the service's identity, where that is assumed", async () => {
      arm.put({ 'assumptions.workspaceKeyVault': 'accept' });
      const made = await putOne({ keyVault: { secretIdentifier: SECRET } });
      expect(made.at('properties', 'thumbprint')).toBe(first.thumbprint);
      secret(SECRET, second);
      const refreshed = await arm.ask('POST', `${one}/refreshSecret`);
      expect(refreshed.at('properties', 'thumbprint')).toBe(second.thumbprint);
    });
  });
});
