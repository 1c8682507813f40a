/** What Certkeeper itself may not look at is said apart, and never held against the service. */
import {
  makeAccessWorld,
  type AccessWorld,
  type Identity,
} from '../../../support/azure/access-world.ts';
import { GROUP, startAzureUnderTest } from '../../../support/azure/azure-clients.ts';
import type { AzureUnderTest } from '../../../support/azure/azure-clients.ts';

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const KEY_VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const WALL = { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } };

type Give = (role: string, scope: string) => Promise<void>;

interface Row {
  readonly sentence: string;
  readonly give: (give: Give, world: AccessWorld) => Promise<void>;
  /** The questions that stay open, and why. */
  readonly unknown: readonly string[];
}

/** Everything that checks look at. */
const lookAround = async (give: Give, { vaultId }: AccessWorld): Promise<void> => {
  await give(READER, GROUP);
  await give(KEY_VAULT_READER, vaultId);
};
const MISSING = 'CERTKEEPER_PERMISSION_MISSING';

const ROWS: readonly Row[] = [
  {
    sentence: 'may do nothing',
    give: () => Promise.resolve(),
    unknown: [`service ${MISSING}`, `vault ${MISSING}`, `certificate ${MISSING}`],
  },
  {
    sentence: 'may not read the service',
    give: async (give, { vaultId }) => {
      await give(READER, vaultId);
      await give(KEY_VAULT_READER, vaultId);
    },
    unknown: [`service ${MISSING}`],
  },
  {
    sentence: 'may read the service, and not what is in it',
    give: async (give, world) => {
      const role = await world.makeRole({ actions: ['Microsoft.ApiManagement/service/read'] });
      await give(role, world.serviceId);
      await give(READER, world.vaultId);
      await give(KEY_VAULT_READER, world.vaultId);
    },
    unknown: [`reference ${MISSING}`],
  },
  {
    sentence: 'may not read the vault as a resource',
    give: async (give, world) => {
      const role = await world.makeRole({
        dataActions: ['Microsoft.KeyVault/vaults/certificates/read'],
      });
      await give(role, world.vaultId);
      await give(READER, world.serviceId);
    },
    unknown: [`vault ${MISSING}`],
  },
  {
    sentence: 'may not read roles, nor deny assignments',
    give: async (give, world) => {
      const role = await world.makeRole({
        actions: ['Microsoft.KeyVault/vaults/read'],
        dataActions: ['Microsoft.KeyVault/vaults/certificates/read'],
      });
      await give(role, world.vaultId);
      await give(READER, world.serviceId);
    },
    unknown: [`permission ${MISSING}`, `permission ${MISSING}`],
  },
  {
    sentence: 'may read roles, and no deny assignments',
    give: async (give, world) => {
      const role = await world.makeRole({
        actions: [
          'Microsoft.KeyVault/vaults/read',
          'Microsoft.Authorization/roleAssignments/read',
          'Microsoft.Authorization/roleDefinitions/read',
        ],
        dataActions: ['Microsoft.KeyVault/vaults/certificates/read'],
      });
      await give(role, world.vaultId);
      await give(READER, world.serviceId);
    },
    unknown: [`permission ${MISSING}`],
  },
  {
    sentence: 'may not read certificates',
    give: (give) => give(READER, GROUP),
    unknown: [`certificate ${MISSING}`],
  },
  { sentence: 'may look everywhere', give: lookAround, unknown: [] },
];

describe('Where Certkeeper itself', () => {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
    await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 0 });
  });
  afterAll(() => under.stop());

  async function begin(give: Row['give']): Promise<{ world: AccessWorld; certkeeper: Identity }> {
    const world = await makeAccessWorld(under);
    const certkeeper = await world.userIdentity();
    const { principalId } = certkeeper;
    await give((role, scope) => world.assign(role, scope, { principalId }), world);
    return { world, certkeeper };
  }
  const open = async (world: AccessWorld, certkeeper: Identity) =>
    (await world.checks(certkeeper)).flatMap((one) =>
      one.severity === 'unknown' ? [`${one.check} ${one.code}`] : [],
    );

  it.each(ROWS.map((row) => [row.sentence, row] as const))('%s, it says so', async (_, row) => {
    const { world, certkeeper } = await begin(row.give);
    expect(await open(world, certkeeper)).toEqual(row.unknown);
    const findings = await world.findings(certkeeper);
    expect(findings.filter((one) => !one.startsWith('unknown'))).toEqual([]);
    expect(await world.reads()).toBe(true);
  });

  it.each([
    ['is behind the firewall of the vault', WALL, 'network-rule add'],
    [
      'is outside of a closed vault',
      { ...WALL, publicNetworkAccess: 'Disabled' },
      'private-endpoint',
    ],
  ])('%s, it says that, and not that a role is missing', async (_, network, cure) => {
    const { world, certkeeper } = await begin(lookAround);
    await world.changeVault(network);
    await world.settings({ 'keyVault.firewallForCallers': true });
    expect(await open(world, certkeeper)).toEqual(['certificate CERTKEEPER_FIREWALLED']);
    const [told] = (await world.checks(certkeeper)).filter(
      ({ severity }) => severity === 'unknown',
    );
    expect(told).toMatchObject({ cure: expect.stringContaining(cure) as unknown });
    expect(await world.reads()).toBe(true);
    await world.settings({ 'keyVault.firewallForCallers': false });
  });

  it('cannot tell a deleted vault from none, it takes it for none', async () => {
    const { world, certkeeper } = await begin(lookAround);
    await world.ask('DELETE', `${world.vaultId}?api-version=2023-07-01`);
    expect(await world.findings(certkeeper)).toEqual(['blocks VAULT_NOT_FOUND']);
    const role = await world.makeRole({ actions: ['Microsoft.KeyVault/deletedVaults/read'] });
    await world.assign(role, GROUP.slice(0, GROUP.indexOf('/resourceGroups')), {
      principalId: certkeeper.principalId,
    });
    expect(await world.findings(certkeeper)).toEqual(['blocks VAULT_DELETED']);
  });
});
