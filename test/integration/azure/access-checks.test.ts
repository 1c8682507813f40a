/** The checks against what the simulated Azure really lets a service read, through real clients. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { observeAccess } from '../../../functions/activities/observe-access.ts';
import { makeAccessReader } from '../../../shared/azure/access.ts';
import { makeClientCertificates } from '../../../shared/azure/api-management.ts';
import { AzureClients } from '../../../shared/azure/azure-clients.ts';
import { makeVaults } from '../../../shared/azure/key-vault.ts';
import type { AccessCheck } from '../../../shared/domain/access-check.ts';
import { checkAccess } from '../../../shared/domain/access-checks.ts';
import {
  GROUP,
  startAzureUnderTest,
  SUBSCRIPTION,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import { askVault, assignRole, makeIdentity, makeVault } from '../../support/azure/vault.ts';
import { makeLocalAzureHttpClient } from '../../support/local-azure-http-client.ts';

const TENANT = '5eed0000-0000-4000-8000-00000000000a';
const OTHER_TENANT = '5eed0000-0000-4000-8000-0000000000ff';
const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const SUFFIX = 'vault.azure.net';

const configurations = fc.record({
  identity: fc.constantFrom('system', 'user', 'none'),
  rbac: fc.boolean(),
  role: fc.constantFrom('none', READER, CERTIFICATE_USER),
  scope: fc.constantFrom('vault', 'group', 'subscription', 'another'),
  denied: fc.constantFrom('nobody', 'reader', 'everyone'),
  secrets: fc.subarray(['get', 'list', 'set']),
  tenant: fc.constantFrom(TENANT, OTHER_TENANT),
  network: fc.constantFrom('open', 'firewall', 'rule', 'closed'),
  bypass: fc.constantFrom('AzureServices', 'None'),
  certificate: fc.constantFrom('there', 'disabled', 'deleted', 'never', 'locked'),
});
type Configuration = typeof configurations extends fc.Arbitrary<infer Value> ? Value : never;

describe('the checks against the simulated Azure', () => {
  let under: AzureUnderTest;
  let pfx: string;
  let count = 0;
  beforeAll(async () => {
    under = await startAzureUnderTest();
    pfx = (await makeTestCertificate()).pfx;
    await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 0 });
  });
  afterAll(() => under.stop());

  /** Builds it, and answers the checks beside what the service's own read of the vault came to. */
  async function tryOut(
    c: Configuration,
  ): Promise<{ checks: readonly AccessCheck[]; read: boolean }> {
    count += 1;
    const [vault, service] = [`kv-${String(count)}`, `gw-${String(count)}`];
    const user =
      c.identity === 'user' ? await makeIdentity(under, `id-${String(count)}`) : undefined;
    const userId = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-${String(count)}`;
    const made = await under.clients.apiManagement.apiManagementService.beginCreateOrUpdateAndWait(
      'rg-contoso',
      service,
      {
        location: 'West Europe',
        sku: { name: 'Developer', capacity: 1 },
        publisherEmail: 'a@contoso.com',
        publisherName: 'Contoso',
        ...(c.identity === 'system' ? { identity: { type: 'SystemAssigned' } } : {}),
        ...(c.identity === 'user'
          ? { identity: { type: 'UserAssigned', userAssignedIdentities: { [userId]: {} } } }
          : {}),
      },
      { updateIntervalInMs: 10 },
    );
    const reader = user?.principalId ?? made.identity?.principalId;
    const properties = {
      enableRbacAuthorization: c.rbac,
      accessPolicies:
        reader === undefined
          ? []
          : [{ tenantId: c.tenant, objectId: reader, permissions: { secrets: c.secrets } }],
      publicNetworkAccess: c.network === 'closed' ? 'Disabled' : 'Enabled',
      networkAcls: {
        bypass: c.bypass,
        defaultAction: c.network === 'open' ? 'Allow' : 'Deny',
        ipRules: c.network === 'rule' ? [{ value: '0.0.0.0/0' }] : [],
      },
    };
    const id = await makeVault(under, vault, properties);
    await arrangeCertificate(vault, c.certificate);
    if (reader !== undefined && c.role !== 'none') await give(c, id, reader);
    if (reader !== undefined && c.denied !== 'nobody') {
      await under.ask('POST', '/_local/deny-assignments', {
        scope: id,
        denyAssignmentName: 'lock',
        permissions: [{ dataActions: ['Microsoft.KeyVault/vaults/secrets/*'] }],
        principals: [
          { id: c.denied === 'reader' ? reader : '00000000-0000-0000-0000-000000000000' },
        ],
      });
    }
    const checks = await check(vault, service);
    const attached = await under.ask(
      'PUT',
      `${GROUP}/providers/Microsoft.ApiManagement/service/${service}/certificates/c?api-version=2024-05-01`,
      {
        properties: {
          keyVault: {
            secretIdentifier: `https://${vault}.${SUFFIX}/secrets/c`,
            ...(user === undefined ? {} : { identityClientId: user.clientId }),
          },
        },
      },
    );
    const read = attached.status < 300 && JSON.stringify(attached.body).includes('"thumbprint"');
    return { checks, read };
  }

  async function give(c: Configuration, vault: string, reader: string): Promise<void> {
    const another = async () => makeVault(under, `other-${String(count)}`);
    const scope = {
      vault,
      group: GROUP,
      subscription: `/subscriptions/${SUBSCRIPTION}`,
      another: c.scope === 'another' ? await another() : '',
    }[c.scope];
    await assignRole(under, scope, reader, c.role);
  }

  async function arrangeCertificate(
    vault: string,
    kind: Configuration['certificate'],
  ): Promise<void> {
    if (kind === 'never') return;
    await askVault(under, 'POST', vault, '/certificates/c/import', {
      value: pfx,
      policy: {
        key_props: { exportable: kind !== 'locked', kty: 'EC' },
        secret_props: { contentType: 'application/x-pkcs12' },
      },
      attributes: { enabled: kind !== 'disabled' },
    });
    if (kind === 'deleted') await askVault(under, 'DELETE', vault, '/certificates/c');
  }

  async function check(vault: string, service: string): Promise<readonly AccessCheck[]> {
    const clients = new AzureClients({
      credential: {
        getToken: () =>
          Promise.resolve({ token: 'operator', expiresOnTimestamp: Date.now() + 3_600_000 }),
      },
      httpClient: makeLocalAzureHttpClient(under.azure.url),
      vaultSuffix: SUFFIX,
      managementUrl: 'https://management.azure.com',
      managementScope: 'https://management.azure.com/.default',
    });
    const cared = (type: string, name: string) => ({
      id: `${GROUP}/providers/${type}/${name}`,
      subscriptionId: SUBSCRIPTION,
      resourceGroup: 'rg-contoso',
      name,
    });
    const vaults = [cared('Microsoft.KeyVault/vaults', vault)];
    const services = [cared('Microsoft.ApiManagement/service', service)];
    const facts = await observeAccess(
      {
        access: makeAccessReader(clients, { vaults, services }),
        certificates: makeClientCertificates(clients, services, SUFFIX),
        vaults: makeVaults(clients, vaults),
        vaultSuffix: SUFFIX,
        // Roles given by the test have long been propagated.
        now: () => new Date(Date.now() + 3_600_000),
      },
      {
        source: { vault, name: 'c' },
        target: { kind: 'client-certificate', service, id: 'c' },
      },
    );
    return checkAccess(facts);
  }

  const GOOD: Configuration = {
    identity: 'system',
    rbac: true,
    role: CERTIFICATE_USER,
    scope: 'vault',
    denied: 'nobody',
    secrets: [],
    tenant: TENANT,
    network: 'open',
    bypass: 'None',
    certificate: 'there',
  };
  const codes = (checks: readonly AccessCheck[]) =>
    checks.flatMap((one) => (one.severity === 'passed' ? [] : [`${one.severity} ${one.code}`]));

  it.each<[sentence: string, other: Partial<Configuration>, codes: string[], read: boolean]>([
    ['nothing in the way', {}, [], true],
    ['a role of the subscription', { scope: 'subscription' }, [], true],
    ['no identity', { identity: 'none' }, ['blocks IDENTITY_MISSING'], false],
    ['no role', { role: 'none' }, ['blocks PERMISSION_MISSING'], false],
    ['Key Vault Reader', { role: READER }, ['blocks PERMISSION_MISSING'], false],
    ['a deny assignment', { denied: 'reader' }, ['blocks PERMISSION_DENIED'], false],
    [
      'an ignored policy',
      { role: 'none', secrets: ['get'] },
      ['blocks PERMISSION_MISSING', 'notice POLICIES_IGNORED'],
      false,
    ],
    [
      'an ignored role',
      { rbac: false },
      ['blocks PERMISSION_MISSING', 'notice ROLES_IGNORED'],
      false,
    ],
    ['a policy', { rbac: false, secrets: ['get', 'list'], role: 'none' }, [], true],
    [
      'a policy of another tenant',
      { rbac: false, secrets: ['get', 'list'], role: 'none', tenant: OTHER_TENANT },
      ['blocks POLICY_WRONG_TENANT'],
      false,
    ],
    ['a firewall', { network: 'firewall' }, ['blocks VAULT_FIREWALL'], false],
    ['a firewall with bypass', { network: 'firewall', bypass: 'AzureServices' }, [], true],
    ['a firewall with a rule', { network: 'rule' }, ['may-block VAULT_FIREWALL'], true],
    [
      'a firewall with bypass before a user-assigned identity',
      { network: 'firewall', bypass: 'AzureServices', identity: 'user' },
      ['blocks VAULT_FIREWALL'],
      false,
    ],
    ['public access off', { network: 'closed' }, ['blocks VAULT_PUBLIC_ACCESS_OFF'], false],
    ['a disabled version', { certificate: 'disabled' }, ['blocks CURRENT_VERSION_DISABLED'], false],
    ['a deleted certificate', { certificate: 'deleted' }, ['blocks CERTIFICATE_DELETED'], false],
    ['no certificate', { certificate: 'never' }, ['blocks SOURCE_NOT_FOUND'], false],
    ['a locked key', { certificate: 'locked' }, ['blocks CERTIFICATE_NOT_EXPORTABLE'], false],
  ])('say what the service meets: %s', async (_, other, expected, read) => {
    const answer = await tryOut({ ...GOOD, ...other });
    expect({ codes: codes(answer.checks), read: answer.read }).toEqual({ codes: expected, read });
  });

  it('tell a deleted vault from one that never was', async () => {
    await tryOut(GOOD);
    const [vault, service] = [`kv-${String(count)}`, `gw-${String(count)}`];
    await under.clients.keyVault.vaults.delete('rg-contoso', vault);
    expect(codes(await check(vault, service))).toEqual(['blocks VAULT_DELETED']);
    expect(codes(await check(`no-${randomUUID().slice(0, 8)}`, service))).toEqual([
      'blocks REFERENCE_ELSEWHERE',
      'blocks VAULT_NOT_FOUND',
    ]);
  });

  it('block whenever the service cannot read, and let nothing through in silence', async () => {
    await fc.assert(
      fc.asyncProperty(configurations, async (configuration) => {
        const { checks, read } = await tryOut(configuration);
        const severities = new Set(checks.map(({ severity }) => severity));
        if (!read) expect(severities).toContain('blocks');
        if (!severities.has('blocks') && !severities.has('may-block')) expect(read).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
