/** Findings about the vault and its network. */
import { CERTIFICATE_USER, TENANT } from '../../../support/azure/access-world.ts';
import { SUBSCRIPTION } from '../../../support/azure/azure-clients.ts';
import { nothing, userOnly, vaultOf, type Row } from './row.ts';

const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`;
const WALL = { networkAcls: { defaultAction: 'Deny', bypass: 'None' } };
const BYPASS = { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } };
const LET_IN = { networkAcls: { ...WALL.networkAcls, ipRules: [{ value: '0.0.0.0/0' }] } };
const CLOSED = { publicNetworkAccess: 'Disabled', networkAcls: { bypass: 'None' } };

export const NETWORK_ROWS: readonly Row[] = [
  {
    code: 'VAULT_DELETED',
    when: 'it is deleted, and can be recovered',
    severity: 'blocks',
    fires: async (w) => {
      await w.ask('DELETE', vaultOf(w));
    },
    but: 'it was recovered, and the role given anew',
    not: async (w) => {
      await w.ask('DELETE', vaultOf(w));
      await w.ask('PUT', vaultOf(w), {
        location: 'westeurope',
        properties: { tenantId: TENANT, createMode: 'recover' },
      });
      await w.assign(CERTIFICATE_USER);
    },
  },
  {
    code: 'VAULT_NOT_FOUND',
    when: 'it is gone for good',
    severity: 'blocks',
    fires: async (w) => {
      await w.ask('DELETE', vaultOf(w));
      await w.ask(
        'POST',
        `${SUBSCRIPTION_ID}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/${w.vault}/purge?api-version=2023-07-01`,
      );
    },
    but: 'it is there',
    not: nothing,
  },
  {
    code: 'VAULT_FIREWALL',
    when: 'there is no bypass and no way in',
    severity: 'blocks',
    fires: (w) => w.changeVault(WALL),
    cured: true,
    but: 'there is the bypass',
    not: (w) => w.changeVault(BYPASS),
  },
  {
    code: 'VAULT_FIREWALL',
    when: 'there is no bypass, and a rule that does not reach the service',
    severity: 'may-block',
    fires: (w) =>
      w.changeVault({ networkAcls: { ...WALL.networkAcls, ipRules: [{ value: '198.51.100.7' }] } }),
    reads: false,
    cured: true,
    but: 'there is the bypass beside it',
    not: (w) =>
      w.changeVault({
        networkAcls: { ...BYPASS.networkAcls, ipRules: [{ value: '198.51.100.7' }] },
      }),
  },
  {
    code: 'VAULT_FIREWALL',
    when: 'there is no bypass, and a rule that lets the service in',
    severity: 'may-block',
    fires: (w) => w.changeVault(LET_IN),
    cured: true,
    but: 'the firewall is off',
    not: (w) => w.changeVault({ networkAcls: { ...LET_IN.networkAcls, defaultAction: 'Allow' } }),
  },
  {
    code: 'VAULT_FIREWALL',
    when: 'there is no bypass, and a private endpoint in the network of the service',
    severity: 'may-block',
    fires: async (w) => {
      await w.changeVault(WALL);
      await w.ask('PUT', `/_local/vaults/${w.vault}/private-endpoints/pe`, { from: [w.service] });
    },
    cured: true,
    but: 'there is the bypass beside it',
    not: async (w) => {
      await w.changeVault(BYPASS);
      await w.ask('PUT', `/_local/vaults/${w.vault}/private-endpoints/pe`, {});
    },
  },
  {
    code: 'VAULT_FIREWALL',
    when: 'the private endpoint was never approved',
    severity: 'blocks',
    fires: async (w) => {
      await w.changeVault(WALL);
      await w.ask('PUT', `/_local/vaults/${w.vault}/private-endpoints/pe`, {
        status: 'Pending',
        from: [w.service],
      });
    },
    cured: true,
    but: 'the firewall is off',
    not: (w) => w.changeVault({ networkAcls: { ...WALL.networkAcls, defaultAction: 'Allow' } }),
  },
  {
    code: 'VAULT_FIREWALL',
    when: 'a user-assigned identity meets it, for all the bypass',
    severity: 'blocks',
    fires: async (w) => {
      await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.changeVault(BYPASS);
    },
    but: 'the firewall is off',
    not: async (w) => {
      await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.changeVault({ networkAcls: { ...BYPASS.networkAcls, defaultAction: 'Allow' } });
    },
  },
  {
    code: 'VAULT_FIREWALL',
    when: 'a user-assigned identity meets it, and no bypass is there either',
    severity: 'blocks',
    fires: async (w) => {
      await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.changeVault(WALL);
    },
    but: 'the service has the system-assigned identity too, and the bypass is there',
    not: async (w) => {
      await w.identify(true, [await w.userIdentity()]);
      await w.assign(CERTIFICATE_USER);
      await w.changeVault(BYPASS);
    },
  },
  {
    code: 'VAULT_FIREWALL',
    // It gets through in this world; in Azure it is documented not to.
    when: 'a user-assigned identity meets it, whatever a rule lets in',
    severity: 'blocks',
    fires: async (w) => {
      await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.changeVault(LET_IN);
    },
    reads: true,
    but: 'the firewall is off',
    not: async (w) => {
      await userOnly(w);
      await w.assign(CERTIFICATE_USER);
      await w.changeVault({ networkAcls: { ...LET_IN.networkAcls, defaultAction: 'Allow' } });
    },
  },
  {
    code: 'VAULT_PUBLIC_ACCESS_OFF',
    when: 'there is neither bypass nor private endpoint',
    severity: 'blocks',
    fires: (w) => w.changeVault(CLOSED),
    cured: true,
    but: 'there is the bypass, which goes on',
    not: (w) => w.changeVault({ ...CLOSED, networkAcls: { bypass: 'AzureServices' } }),
  },
  {
    code: 'VAULT_PUBLIC_ACCESS_OFF',
    when: 'a rule is there, which no longer counts',
    severity: 'blocks',
    fires: (w) => w.changeVault({ ...CLOSED, ...LET_IN }),
    cured: true,
    but: 'public access is on',
    not: (w) => w.changeVault({ networkAcls: { bypass: 'None' } }),
  },
  {
    code: 'VAULT_PUBLIC_ACCESS_OFF',
    when: 'a private endpoint is there, in another network',
    severity: 'may-block',
    fires: async (w) => {
      await w.changeVault(CLOSED);
      await w.ask('PUT', `/_local/vaults/${w.vault}/private-endpoints/pe`, { from: ['elsewhere'] });
    },
    reads: false,
    cured: true,
    but: 'there is the bypass beside it',
    not: async (w) => {
      await w.changeVault({ ...CLOSED, networkAcls: { bypass: 'AzureServices' } });
      await w.ask('PUT', `/_local/vaults/${w.vault}/private-endpoints/pe`, { from: ['elsewhere'] });
    },
  },
  {
    code: 'VAULT_PUBLIC_ACCESS_OFF',
    when: 'a perimeter decides, for all the bypass',
    severity: 'may-block',
    fires: (w) => w.changeVault({ ...BYPASS, publicNetworkAccess: 'SecuredByPerimeter' }),
    reads: false,
    but: 'no perimeter does',
    not: (w) => w.changeVault(BYPASS),
  },
];
