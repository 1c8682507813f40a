/**
 * The real API Management client against the simulated Azure, with certificates that really lie in
 * the simulated Key Vault and are read by the service's identity.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GROUP,
  startAzureUnderTest,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';

const TENANT = '5eed0000-0000-4000-8000-00000000000a';
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
const ROLES = '/providers/Microsoft.Authorization/roleDefinitions';
const CERTIFICATE_USER = `${ROLES}/db79e9a7-68ee-4b58-9aeb-b90e7c24fcba`;
const SECRET = 'https://contoso-kv.vault.azure.net/secrets/gateway-client';
const RG = 'rg-contoso';

describe('the API Management client against the simulated Azure', () => {
  let under: AzureUnderTest;

  beforeAll(async () => {
    under = await startAzureUnderTest();
    await under.clients.keyVault.vaults.createOrUpdate(RG, 'contoso-kv', {
      location: 'westeurope',
      properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' } },
    });
  });
  afterAll(() => under.stop());

  const poll = { updateIntervalInMs: 10 };
  const service = {
    location: 'West Europe',
    sku: { name: 'Developer', capacity: 1 },
    publisherEmail: 'a@contoso.com',
    publisherName: 'Contoso',
  };
  const settings = (values: Record<string, unknown>) =>
    under.ask('PUT', '/_local/settings', values);
  const importVersion = async (name: string): Promise<string> => {
    const { pfx, thumbprint } = await makeTestCertificate(`CN=${name}`);
    await under.clients
      .certificates('contoso-kv')
      .importCertificate(name, Buffer.from(pfx, 'base64'));
    return thumbprint;
  };
  /** A quick service whose system-assigned identity may read the vault, or may not. */
  const makeService = async (name: string, role?: string): Promise<void> => {
    await settings({ 'apiManagement.operationSeconds': 0 });
    const made = await under.clients.apiManagement.apiManagementService.beginCreateOrUpdateAndWait(
      RG,
      name,
      { ...service, identity: { type: 'SystemAssigned' } },
      poll,
    );
    if (role === undefined) return;
    await under.clients.authorization.roleAssignments.create(VAULT, crypto.randomUUID(), {
      principalId: made.identity?.principalId ?? '',
      roleDefinitionId: role,
    });
  };

  it('makes, updates and deletes a service by long-running operations', async () => {
    await settings({ 'apiManagement.operationSeconds': 1 });
    const { apiManagementService } = under.clients.apiManagement;
    const made = await apiManagementService.beginCreateOrUpdateAndWait(
      RG,
      'slow-gw',
      service,
      poll,
    );
    expect(made).toMatchObject({
      provisioningState: 'Succeeded',
      gatewayUrl: 'https://slow-gw.azure-api.net',
    });

    const updated = await apiManagementService.beginUpdateAndWait(
      RG,
      'slow-gw',
      { identity: { type: 'SystemAssigned' }, tags: { a: 'b' } },
      poll,
    );
    expect(updated.tags).toEqual({ a: 'b' });
    expect(updated.identity?.principalId).toMatch(/^[0-9a-f-]{36}$/);

    await apiManagementService.beginDeleteAndWait(RG, 'slow-gw', poll);
    await expect(apiManagementService.get(RG, 'slow-gw')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('attaches a certificate from the vault and refreshes it to the new version', async () => {
    await makeService('contoso-gw', CERTIFICATE_USER);
    const { certificate } = under.clients.apiManagement;
    const first = await importVersion('gateway-client');
    const made = await certificate.createOrUpdate(RG, 'contoso-gw', 'gateway-client', {
      keyVault: { secretIdentifier: SECRET },
    });
    expect(made).toMatchObject({
      thumbprint: first,
      subject: 'CN=gateway-client',
      keyVault: { lastStatus: { code: 'Success' } },
    });
    expect(made.eTag).toMatch(/^".+"$/);

    const second = await importVersion('gateway-client');
    expect((await certificate.get(RG, 'contoso-gw', 'gateway-client')).thumbprint).toBe(first);
    expect((await certificate.refreshSecret(RG, 'contoso-gw', 'gateway-client')).thumbprint).toBe(
      second,
    );
    expect((await certificate.get(RG, 'contoso-gw', 'gateway-client')).thumbprint).toBe(second);
    expect((await certificate.getEntityTag(RG, 'contoso-gw', 'gateway-client')).eTag).not.toBe(
      made.eTag,
    );
  });

  it('is refused by conflicting ETags and deletes with the right one', async () => {
    await makeService('contoso-gw-etag', CERTIFICATE_USER);
    const { certificate } = under.clients.apiManagement;
    const { pfx } = await makeTestCertificate();
    const made = await certificate.createOrUpdate(RG, 'contoso-gw-etag', 'one', {
      data: pfx,
      password: '',
    });
    await expect(
      certificate.createOrUpdate(
        RG,
        'contoso-gw-etag',
        'one',
        { data: pfx, password: '' },
        { ifMatch: '"AAAAAAAAAAA="' },
      ),
    ).rejects.toMatchObject({ statusCode: 412, code: 'PreconditionFailed' });
    await expect(
      certificate.delete(RG, 'contoso-gw-etag', 'one', '"AAAAAAAAAAA="'),
    ).rejects.toMatchObject({ statusCode: 412 });
    await certificate.delete(RG, 'contoso-gw-etag', 'one', made.eTag ?? '');
    await expect(certificate.get(RG, 'contoso-gw-etag', 'one')).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it('follows the pages of a list', async () => {
    await makeService('paged-gw');
    const { certificate } = under.clients.apiManagement;
    const { pfx } = await makeTestCertificate();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await certificate.createOrUpdate(RG, 'paged-gw', name, { data: pfx });
    }
    const names: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of certificate.listByService(RG, 'paged-gw', { top: 2 }).byPage()) {
      pages += 1;
      names.push(...page.map(({ name }) => name));
    }
    expect([pages, names]).toEqual([3, ['a', 'b', 'c', 'd', 'e']]);
  });

  describe('reading the vault', () => {
    const attach = (name: string, secretIdentifier = SECRET) =>
      under.clients.apiManagement.certificate.createOrUpdate(RG, name, 'gateway-client', {
        keyVault: { secretIdentifier },
      });
    const refresh = (name: string) =>
      under.clients.apiManagement.certificate.refreshSecret(RG, name, 'gateway-client');
    const statusOf = async (name: string) =>
      (await under.clients.apiManagement.certificate.get(RG, name, 'gateway-client')).keyVault
        ?.lastStatus;

    it.each([
      ['without any role', undefined],
      ['with Key Vault Reader only', `${ROLES}/21090545-7ca7-4776-b22c-e363652d74d2`],
    ])('is refused %s', async (what, role) => {
      await importVersion('gateway-client');
      const name = `norole-${what.length}`;
      await makeService(name, role);
      await expect(attach(name)).rejects.toMatchObject({
        statusCode: 400,
        code: 'InvalidOperation',
      });
    });

    it('takes effect when the role has propagated', async () => {
      await importVersion('gateway-client');
      await settings({ 'authorization.propagationSeconds': 300 });
      try {
        await makeService('propagating-gw', CERTIFICATE_USER);
        await expect(attach('propagating-gw')).rejects.toMatchObject({ statusCode: 400 });
        await under.ask('POST', '/_local/clock', { advance: 301 });
        await expect(attach('propagating-gw')).resolves.toMatchObject({ name: 'gateway-client' });
      } finally {
        await settings({ 'authorization.propagationSeconds': 0 });
      }
    });

    it('fails on a disabled current version and keeps what is installed', async () => {
      await makeService('disabled-gw', CERTIFICATE_USER);
      const thumbprint = await importVersion('gateway-client');
      await attach('disabled-gw');
      await importVersion('gateway-client');
      const vault = under.clients.certificates('contoso-kv');
      const current = await vault.getCertificate('gateway-client');
      await vault.updateCertificateProperties('gateway-client', current.properties.version ?? '', {
        enabled: false,
      });
      await expect(refresh('disabled-gw')).rejects.toMatchObject({ statusCode: 400 });
      expect(
        (await under.clients.apiManagement.certificate.get(RG, 'disabled-gw', 'gateway-client'))
          .thumbprint,
      ).toBe(thumbprint);
      expect((await statusOf('disabled-gw'))?.code).not.toBe('Success');
      await importVersion('gateway-client');
    });

    it('fails on a deleted certificate and says that it was not found', async () => {
      await makeService('deleted-gw', CERTIFICATE_USER);
      await importVersion('short-lived');
      const identifier = SECRET.replace('gateway-client', 'short-lived');
      await attach('deleted-gw', identifier);
      await under.clients
        .certificates('contoso-kv')
        .beginDeleteCertificate('short-lived', { intervalInMs: 1 });
      await expect(refresh('deleted-gw')).rejects.toMatchObject({ statusCode: 400 });
      expect((await statusOf('deleted-gw'))?.code).toBe('SecretNotFound');
    });

    it('passes the firewall by the trusted-service bypass only', async () => {
      await importVersion('gateway-client');
      await makeService('firewall-gw', CERTIFICATE_USER);
      await attach('firewall-gw');
      const firewall = (bypass: 'AzureServices' | 'None', defaultAction: 'Allow' | 'Deny') =>
        under.clients.keyVault.vaults.update(RG, 'contoso-kv', {
          properties: { networkAcls: { bypass, defaultAction } },
        });
      try {
        await firewall('AzureServices', 'Deny');
        await expect(refresh('firewall-gw')).resolves.toMatchObject({ name: 'gateway-client' });
        await firewall('None', 'Deny');
        await expect(refresh('firewall-gw')).rejects.toMatchObject({ statusCode: 400 });
      } finally {
        await firewall('AzureServices', 'Allow');
      }
    });

    it('reads a pinned version, whatever is newer', async () => {
      await makeService('pinned-gw', CERTIFICATE_USER);
      const first = await importVersion('gateway-client');
      const { properties } = await under.clients
        .certificates('contoso-kv')
        .getCertificate('gateway-client');
      await attach('pinned-gw', `${SECRET}/${properties.version ?? ''}`);
      await importVersion('gateway-client');
      expect((await refresh('pinned-gw')).thumbprint).toBe(first);
    });
  });

  it('leaves no key material in the state folder', async () => {
    const { pfx } = await makeTestCertificate();
    await makeService('quiet-gw');
    const { certificate } = under.clients.apiManagement;
    await certificate.createOrUpdate(RG, 'quiet-gw', 'one', { data: pfx, password: '' });
    const files = readdirSync(under.stateDir).map((name) =>
      readFileSync(join(under.stateDir, name)),
    );
    const thumbprint = (await certificate.get(RG, 'quiet-gw', 'one')).thumbprint ?? '';
    const held = (text: string | Buffer): boolean => files.some((file) => file.includes(text));
    expect(held(thumbprint)).toBe(true);
    // A stretch from the middle of the file, where its key is, in both forms it could have.
    expect(held(pfx.slice(100, 140))).toBe(false);
    expect(held(Buffer.from(pfx, 'base64').subarray(75, 105))).toBe(false);
  });
});
