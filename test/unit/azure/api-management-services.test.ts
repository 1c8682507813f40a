import {
  GROUP,
  makeFleetWorld,
  SUBSCRIPTION,
  TENANT,
  type Answer,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';
import { until } from '../../support/azure/until.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';

const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/contoso-gw`;
const SECRET = 'https://contoso-kv.vault.azure.net/secrets/api-contoso-com';

const body = (more: Record<string, unknown> = {}, properties: Record<string, unknown> = {}) => ({
  location: 'westeurope',
  sku: { name: 'Developer', capacity: 1 },
  tags: { team: 'edge' },
  properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso', ...properties },
  ...more,
});
const local = (address: unknown): string =>
  String(address).replace('https://management.azure.com', '');

describe('an API Management service', () => {
  let arm: ArmWorld;
  beforeEach(async () => {
    arm = await makeFleetWorld();
  });
  afterEach(() => arm.close());

  const put = (
    more: Record<string, unknown> = {},
    properties: Record<string, unknown> = {},
    path = SERVICE,
  ) => arm.ask('PUT', path, { body: body(more, properties) });
  const get = () => arm.ask('GET', SERVICE);
  const quick = () => arm.put({ 'apiManagement.operationSeconds': 0 });
  const tags = (value: string) => arm.ask('PATCH', SERVICE, { body: { tags: { value } } });

  it('is made by a long-running operation that says when it is done', async () => {
    const made = await put();
    expect(made.status).toBe(201);
    expect(made.at('properties', 'provisioningState')).toBe('Created');
    expect(made.at('properties', 'gatewayUrl')).toBeUndefined();
    expect(Number(made.headers['retry-after'])).toBeGreaterThan(0);
    const state = local(made.headers['azure-asyncoperation']);
    const result = local(made.headers['location']);
    expect((await arm.ask('GET', state)).at('status')).toBe('InProgress');
    expect((await arm.ask('GET', result)).status).toBe(202);

    arm.advance(2);
    expect((await arm.ask('GET', state)).at('status')).toBe('Succeeded');
    const done = await arm.ask('GET', result);
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({
      id: SERVICE,
      type: 'Microsoft.ApiManagement/service',
      location: 'West Europe',
      tags: { team: 'edge' },
      sku: { name: 'Developer', capacity: 1 },
      properties: {
        publisherEmail: 'a@contoso.com',
        provisioningState: 'Succeeded',
        gatewayUrl: 'https://contoso-gw.azure-api.net',
        hostnameConfigurations: [
          { type: 'Proxy', hostName: 'contoso-gw.azure-api.net', certificateSource: 'BuiltIn' },
        ],
      },
    });
  });

  it('shows a change when its operation is over, and refuses others meanwhile', async () => {
    quick();
    await put();
    arm.put({ 'apiManagement.operationSeconds': 900 });
    const before = (await get()).at('etag');
    const changing = await tags('new');
    expect(changing.status).toBe(202);
    expect((await get()).body).toMatchObject({
      tags: { team: 'edge' },
      etag: before,
      properties: { provisioningState: 'Updating' },
    });

    for (const other of [await tags('other'), await put(), await arm.ask('DELETE', SERVICE)]) {
      expect([other.status, other.at('error', 'code')]).toEqual([409, 'ServiceLocked']);
    }
    arm.advance(900);
    expect((await get()).at('tags')).toEqual({ value: 'new' });
    expect((await get()).at('etag')).not.toBe(before);
    expect((await tags('later')).status).toBe(202);
  });

  it('goes on with a change over a restart', async () => {
    quick();
    await put();
    arm.put({ 'apiManagement.operationSeconds': 900 });
    const changing = await tags('new');
    const again = arm.restarted();
    const state = local(changing.headers['azure-asyncoperation']);
    expect((await again.ask('GET', state)).at('status')).toBe('InProgress');
    again.advance(900);
    expect((await again.ask('GET', state)).at('status')).toBe('Succeeded');
    expect((await again.ask('GET', SERVICE)).at('tags')).toEqual({ value: 'new' });
  });

  it('is deleted with everything in it, its identity included', async () => {
    const { pfx } = await makeTestCertificate();
    quick();
    const made = await put({ identity: { type: 'SystemAssigned' } });
    await arm.ask('PUT', `${SERVICE}/certificates/one`, { body: { properties: { data: pfx } } });
    await arm.ask('PUT', `${SERVICE}/workspaces/w`, { body: { properties: { displayName: 'W' } } });
    arm.put({ 'apiManagement.operationSeconds': 5 });
    const deleting = await arm.ask('DELETE', SERVICE);
    expect(deleting.status).toBe(202);
    arm.advance(5);
    expect((await get()).status).toBe(404);
    expect((await arm.ask('GET', local(deleting.headers['location']))).status).toBe(204);
    expect((await arm.ask('DELETE', SERVICE)).status).toBe(204);

    quick();
    const again = await put({ identity: { type: 'SystemAssigned' } });
    expect(again.at('identity', 'principalId')).not.toBe(made.at('identity', 'principalId'));
    expect((await arm.ask('GET', `${SERVICE}/certificates`)).at('count')).toBe(0);
    expect((await arm.ask('GET', `${SERVICE}/workspaces`)).at('count')).toBe(0);
  });

  describe('with identities', () => {
    let identity: Answer;
    beforeEach(async () => {
      quick();
      identity = await arm.ask(
        'PUT',
        `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gw`,
        { body: { location: 'westeurope' } },
      );
    });
    const patch = (given: Record<string, unknown>) =>
      arm.ask('PATCH', SERVICE, { body: { identity: given } });

    it('shows none, one or both', async () => {
      const id = String(identity.at('id'));
      expect((await put()).at('identity')).toBeUndefined();
      const system = await patch({ type: 'SystemAssigned' });
      expect(system.at('identity')).toEqual({
        type: 'SystemAssigned',
        principalId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
        tenantId: TENANT,
      });
      const both = await patch({
        type: 'SystemAssigned, UserAssigned',
        userAssignedIdentities: { [id.toUpperCase()]: {} },
      });
      expect(both.at('identity')).toEqual({
        type: 'SystemAssigned, UserAssigned',
        principalId: system.at('identity', 'principalId'),
        tenantId: TENANT,
        userAssignedIdentities: {
          [id]: {
            principalId: identity.at('properties', 'principalId'),
            clientId: identity.at('properties', 'clientId'),
          },
        },
      });
    });

    it('gets a new service principal when the system-assigned one is switched off and on', async () => {
      const first = (await put({ identity: { type: 'SystemAssigned' } })).at(
        'identity',
        'principalId',
      );
      expect((await patch({ type: 'SystemAssigned' })).at('identity', 'principalId')).toBe(first);
      expect((await patch({ type: 'None' })).at('identity')).toBeUndefined();
      expect((await patch({ type: 'SystemAssigned' })).at('identity', 'principalId')).not.toBe(
        first,
      );
    });

    it('loses a user-assigned one that is set to null', async () => {
      const id = String(identity.at('id'));
      await put({
        identity: { type: 'SystemAssigned, UserAssigned', userAssignedIdentities: { [id]: {} } },
      });
      const left = await patch({
        type: 'SystemAssigned,UserAssigned',
        userAssignedIdentities: { [id]: null },
      });
      expect(left.status).toBe(400);
      expect(
        (await patch({ type: 'SystemAssigned' })).at('identity', 'userAssignedIdentities'),
      ).toBeUndefined();
    });

    it.each([
      [
        'an identity that is not there',
        {
          type: 'UserAssigned',
          userAssignedIdentities: {
            [`${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/missing`]: {},
          },
        },
        'FailedIdentityOperation',
      ],
      ['user-assigned without naming one', { type: 'UserAssigned' }, 'InvalidParameters'],
      ['a type that is not known', { type: 'Borrowed' }, 'InvalidParameters'],
    ])('refuses %s', async (_what, given, code) => {
      const answer = await put({ identity: given });
      expect([answer.status, answer.at('error', 'code')]).toEqual([400, code]);
      expect((await get()).status).toBe(404);
    });
  });

  it.each([
    ['a SKU that is not known', { sku: { name: 'Huge' } }, {}, SERVICE, 'InvalidParameters'],
    ['no publisher', {}, { publisherEmail: undefined }, SERVICE, 'InvalidParameters'],
    [
      'a name that begins with a digit',
      {},
      {},
      SERVICE.replace('contoso-gw', '1-gw'),
      'InvalidParameters',
    ],
    ['no location', { location: undefined }, {}, SERVICE, 'InvalidRequestContent'],
  ])('refuses %s', async (_what, more, properties, path, code) => {
    const answer = await put(more, properties, path);
    expect([answer.status, answer.at('error', 'code')]).toEqual([400, code]);
  });

  it('has a name that nobody else can have, and is found in its own group only', async () => {
    quick();
    await put();
    await arm.ask('PUT', `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-other`, {
      body: { location: 'westeurope' },
    });
    const other = SERVICE.replace('rg-contoso', 'rg-other');
    expect((await put({}, {}, other)).status).toBe(409);
    expect((await arm.ask('GET', other)).status).toBe(404);
    const inGroup = await arm.ask(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-other/providers/Microsoft.ApiManagement/service`,
    );
    expect(inGroup.at('value')).toEqual([]);
    const all = await arm.ask(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ApiManagement/service`,
    );
    expect(all.at('value', 0, 'name')).toBe('contoso-gw');
  });

  it('shows the public part of its CA certificates and replaces them as a whole', async () => {
    const root = await makeTestCertificate('CN=Root');
    const issuing = await makeTestCertificate('CN=Issuing');
    quick();
    await put(
      {},
      { certificates: [{ storeName: 'Root', encodedCertificate: root.der.toString('base64') }] },
    );
    expect((await get()).at('properties', 'certificates')).toEqual([
      {
        storeName: 'Root',
        certificate: {
          subject: 'CN=Root',
          thumbprint: root.thumbprint,
          expiry: expect.any(String) as unknown,
        },
      },
    ]);
    const patchCertificates = (certificates: unknown[]) =>
      arm.ask('PATCH', SERVICE, { body: { properties: { certificates } } });
    expect((await tags('kept')).at('properties', 'certificates', 0, 'storeName')).toBe('Root');
    await patchCertificates([
      {
        storeName: 'CertificateAuthority',
        encodedCertificate: issuing.pfx,
        certificatePassword: '',
      },
    ]);
    const now = (await get()).at('properties', 'certificates');
    expect(now).toMatchObject([
      { storeName: 'CertificateAuthority', certificate: { thumbprint: issuing.thumbprint } },
    ]);
    expect(now).toHaveLength(1);

    const cer = await patchCertificates([
      { storeName: 'CertificateAuthority', encodedCertificate: root.der.toString('base64') },
    ]);
    expect(cer.status).toBe(400);
    const empty = await patchCertificates([{ storeName: 'Root' }]);
    expect(empty.at('error', 'message')).toContain('Certificate cannot be empty');
  });

  it('reads the certificate of a custom domain from Key Vault, again on every update and every four hours', async () => {
    const [first, second] = [
      await makeTestCertificate('CN=api.contoso.com'),
      await makeTestCertificate('CN=api.contoso.com'),
    ];
    const secret = (value: string): void => {
      arm.secrets.set(SECRET, {
        kind: 'read',
        id: SECRET,
        contentType: 'application/x-pkcs12',
        value,
      });
    };
    quick();
    secret(first.pfx);
    await put({ identity: { type: 'SystemAssigned' } });
    const hostname = {
      type: 'Proxy',
      hostName: 'api.contoso.com',
      keyVaultId: SECRET,
      defaultSslBinding: true,
    };
    const made = await arm.ask('PATCH', SERVICE, {
      body: { properties: { hostnameConfigurations: [hostname] } },
    });
    expect(made.at('properties', 'hostnameConfigurations')).toMatchObject([
      { hostName: 'contoso-gw.azure-api.net', defaultSslBinding: false },
      {
        hostName: 'api.contoso.com',
        certificateSource: 'KeyVault',
        certificateStatus: 'Completed',
        certificate: { thumbprint: first.thumbprint },
      },
    ]);
    secret(second.pfx);
    expect(
      (await tags('new')).at(
        'properties',
        'hostnameConfigurations',
        1,
        'certificate',
        'thumbprint',
      ),
    ).toBe(second.thumbprint);

    secret(first.pfx);
    arm.advance(4 * 3600);
    await until(async () => {
      const shown = (await get()).at('properties', 'hostnameConfigurations', 1, 'certificate');
      return JSON.stringify(shown).includes(first.thumbprint);
    });

    arm.secrets.delete(SECRET);
    const kept = await tags('newer');
    expect(kept.at('properties', 'hostnameConfigurations', 1)).toMatchObject({
      certificateStatus: 'Failed',
      certificate: { thumbprint: first.thumbprint },
    });
    const refused = await arm.ask('PATCH', SERVICE, {
      body: { properties: { hostnameConfigurations: [hostname] } },
    });
    expect([refused.status, refused.at('error', 'code')]).toEqual([400, 'InvalidOperation']);
  });

  it('never shows or stores what was uploaded with a password', async () => {
    const { pfx, thumbprint } = await makeTestCertificate('CN=api.contoso.com');
    quick();
    const made = await put(
      {},
      {
        hostnameConfigurations: [
          {
            type: 'Proxy',
            hostName: 'api.contoso.com',
            encodedCertificate: pfx,
            certificatePassword: '',
          },
        ],
      },
    );
    expect(made.at('properties', 'hostnameConfigurations', 1, 'certificate', 'thumbprint')).toBe(
      thumbprint,
    );
    const stored = JSON.stringify(arm.world.store.list('apim.services'));
    expect(stored).toContain(thumbprint);
    expect(stored).not.toContain(pfx.slice(0, 40));
    expect(stored).not.toContain('certificatePassword');
  });
});
