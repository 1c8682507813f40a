import { requireLineOfSight } from '../../../../local/azure/key-vault/access.ts';
import { AzureFault, type VaultResource } from '../../../../local/azure/service.ts';

type Network = Pick<VaultResource['properties'], 'publicNetworkAccess'> &
  VaultResource['properties']['networkAcls'];

const open: Network = {
  publicNetworkAccess: 'Enabled',
  bypass: 'None',
  defaultAction: 'Allow',
  ipRules: [],
  virtualNetworkRules: [],
};
const walled: Network = { ...open, defaultAction: 'Deny' };

/** The inner code of the refusal, or `passes`. */
function ask(
  { publicNetworkAccess, ...networkAcls }: Network,
  trusted: boolean,
  service?: string,
): unknown {
  const vault: VaultResource = {
    id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv',
    name: 'kv',
    location: 'westeurope',
    reachableFrom: ['contoso-gw'],
    properties: {
      tenantId: 't',
      enableRbacAuthorization: true,
      accessPolicies: [],
      publicNetworkAccess,
      networkAcls,
      softDeleteRetentionInDays: 90,
    },
  };
  try {
    requireLineOfSight(vault, { objectId: 'o' }, { address: '203.0.113.1', trusted, service }, 't');
    return 'passes';
  } catch (error) {
    return error instanceof AzureFault ? error.innerError?.['code'] : error;
  }
}

describe('the vault firewall', () => {
  it.each<[string, Network, boolean, string]>([
    ['lets anybody in while it is off', open, false, 'passes'],
    ['keeps a user-assigned identity out', walled, false, 'ForbiddenByFirewall'],
    ['keeps a system-assigned one out without the bypass', walled, true, 'ForbiddenByFirewall'],
    [
      'lets a system-assigned one in by the bypass',
      { ...walled, bypass: 'AzureServices' },
      true,
      'passes',
    ],
    [
      'keeps a user-assigned one out in spite of the bypass',
      { ...walled, bypass: 'AzureServices' },
      false,
      'ForbiddenByFirewall',
    ],
    [
      'lets a named address in',
      { ...walled, ipRules: [{ value: '203.0.113.1/32' }] },
      false,
      'passes',
    ],
    ['lets every address in', { ...walled, ipRules: [{ value: '0.0.0.0/0' }] }, false, 'passes'],
    [
      'keeps another address out',
      { ...walled, ipRules: [{ value: '203.0.113.9' }] },
      false,
      'ForbiddenByFirewall',
    ],
    [
      'has no public side when that is off, whatever the rules say',
      { ...open, publicNetworkAccess: 'Disabled', ipRules: [{ value: '0.0.0.0/0' }] },
      false,
      'ForbiddenByConnection',
    ],
    [
      'keeps the bypass when the public side is off',
      { ...walled, publicNetworkAccess: 'Disabled', bypass: 'AzureServices' },
      true,
      'passes',
    ],
    [
      'ignores the bypass within a perimeter',
      { ...open, publicNetworkAccess: 'SecuredByPerimeter', bypass: 'AzureServices' },
      true,
      'ForbiddenByFirewall',
    ],
  ])('%s', (_, network, trusted, outcome) => {
    expect(ask(network, trusted)).toBe(outcome);
  });

  it.each<Network['publicNetworkAccess']>(['Enabled', 'Disabled', 'SecuredByPerimeter'])(
    'lets in what comes through a private endpoint, and nobody beside it: %s',
    (publicNetworkAccess) => {
      expect(ask({ ...walled, publicNetworkAccess }, false, 'Contoso-GW')).toBe('passes');
      expect(ask({ ...walled, publicNetworkAccess }, false, 'other-gw')).not.toBe('passes');
    },
  );
});
