/** Findings about roles and deny assignments. */
import { CERTIFICATE_USER, type Beginning } from '../../../support/azure/access-world.ts';
import { GROUP, SUBSCRIPTION } from '../../../support/azure/azure-clients.ts';
import { nothing, type Row } from './row.ts';

const READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const EVERYONE = '00000000-0000-0000-0000-000000000000';
const MANAGEMENT_GROUP = '/providers/Microsoft.Management/managementGroups/platform';
const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`;
const NO_ROLE: Beginning = { role: undefined };

export const ROLE_ROWS: readonly Row[] = [
  {
    code: 'PERMISSION_MISSING',
    when: 'the identity holds no role',
    severity: 'blocks',
    begin: NO_ROLE,
    fires: nothing,
    cured: true,
    but: 'it holds the role at the vault',
    not: (w) => w.assign(CERTIFICATE_USER),
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'it holds Key Vault Reader, which is tempting and not enough',
    severity: 'blocks',
    begin: NO_ROLE,
    fires: (w) => w.assign(READER),
    cured: true,
    but: 'it holds Key Vault Secrets User',
    not: (w) => w.assign(SECRETS_USER),
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'its role is at another vault of the same name, nearly',
    severity: 'blocks',
    begin: NO_ROLE,
    fires: (w) => w.assign(CERTIFICATE_USER, `${w.vaultId}0`),
    cured: true,
    but: 'it is at the resource group',
    not: (w) => w.assign(CERTIFICATE_USER, GROUP),
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'its role is at a management group above another subscription',
    severity: 'blocks',
    begin: NO_ROLE,
    fires: async (w) => {
      await w.ask('PUT', `/_local${SUBSCRIPTION_ID}`, { managementGroups: ['sandbox'] });
      await w.assign(CERTIFICATE_USER, MANAGEMENT_GROUP);
    },
    cured: true,
    but: 'that management group is above the vault',
    not: async (w) => {
      await w.ask('PUT', `/_local${SUBSCRIPTION_ID}`, { managementGroups: ['platform'] });
      await w.assign(CERTIFICATE_USER, MANAGEMENT_GROUP);
    },
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'its custom role takes back what it gives',
    severity: 'blocks',
    begin: NO_ROLE,
    fires: async (w) => {
      const role = await w.makeRole({
        dataActions: ['Microsoft.KeyVault/vaults/*'],
        notDataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/*'],
      });
      await w.assign(role, SUBSCRIPTION_ID);
    },
    cured: true,
    but: 'its custom role takes back something else',
    not: async (w) => {
      const role = await w.makeRole({
        dataActions: ['Microsoft.KeyVault/vaults/*'],
        notDataActions: ['Microsoft.KeyVault/vaults/secrets/setSecret/*'],
      });
      await w.assign(role, SUBSCRIPTION_ID);
    },
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'its role is at another secret of the vault',
    severity: 'blocks',
    begin: NO_ROLE,
    fires: (w) => w.assign(CERTIFICATE_USER, `${w.vaultId}/secrets/other`),
    cured: true,
    but: 'its role is at this very secret',
    not: (w) => w.assign(CERTIFICATE_USER, `${w.vaultId}/secrets/c`),
  },
  {
    code: 'PERMISSION_MISSING',
    when: 'a group that it is not in holds the role',
    severity: 'blocks',
    begin: NO_ROLE,
    fires: async (w) => {
      const group = crypto.randomUUID();
      await w.ask('PUT', `/_local/groups/${group}`, { members: [] });
      await w.assign(CERTIFICATE_USER, w.vaultId, { principalId: group, principalType: 'Group' });
    },
    cured: true,
    but: 'it is in that group',
    not: async (w) => {
      const group = crypto.randomUUID();
      await w.ask('PUT', `/_local/groups/${group}`, { members: [w.reader] });
      await w.assign(CERTIFICATE_USER, w.vaultId, { principalId: group, principalType: 'Group' });
    },
  },
  {
    code: 'PERMISSION_PROPAGATING',
    when: 'the role was given just now, and does not count yet',
    severity: 'may-block',
    begin: NO_ROLE,
    fires: async (w) => {
      await w.settings({ 'authorization.propagationSeconds': 500 });
      await w.assign(CERTIFICATE_USER);
      w.checkAfter(0);
    },
    reads: false,
    but: 'it was given eleven minutes ago',
    not: async (w) => {
      await w.settings({ 'authorization.propagationSeconds': 500 });
      await w.assign(CERTIFICATE_USER);
      await w.advance(660);
      w.checkAfter(0);
    },
  },
  {
    code: 'PERMISSION_CONDITIONAL',
    when: 'the only role has a condition that is not met',
    severity: 'may-block',
    begin: NO_ROLE,
    fires: async (w) => {
      await w.settings({ 'authorization.conditions': 'unmet' });
      await w.assign(CERTIFICATE_USER, w.vaultId, { condition: 'x' });
    },
    reads: false,
    cured: true,
    but: 'another one has none',
    not: async (w) => {
      await w.settings({ 'authorization.conditions': 'unmet' });
      await w.assign(CERTIFICATE_USER, w.vaultId, { condition: 'x' });
      await w.assign(SECRETS_USER);
    },
  },
  {
    code: 'PERMISSION_CONDITIONAL',
    when: 'the only role has a condition that happens to be met',
    severity: 'may-block',
    begin: NO_ROLE,
    fires: (w) => w.assign(CERTIFICATE_USER, GROUP, { condition: 'x' }),
    cured: true,
    but: 'the role has none',
    not: (w) => w.assign(CERTIFICATE_USER, GROUP),
  },
  {
    code: 'PERMISSION_DENIED',
    when: 'a deny assignment names the identity',
    severity: 'blocks',
    fires: (w) => w.deny(),
    but: 'it names another',
    not: (w) => w.deny({ principals: [{ id: crypto.randomUUID() }] }),
  },
  {
    code: 'PERMISSION_DENIED',
    when: 'a deny assignment of the subscription names everyone',
    severity: 'blocks',
    fires: (w) => w.deny({ scope: GROUP, principals: [{ id: EVERYONE, type: 'SystemDefined' }] }),
    but: 'everyone but the identity',
    not: (w) =>
      w.deny({
        scope: GROUP,
        principals: [{ id: EVERYONE, type: 'SystemDefined' }],
        excludePrincipals: [{ id: w.reader }],
      }),
  },
  {
    code: 'PERMISSION_DENIED',
    when: 'a deny assignment is meant for the vault alone',
    severity: 'may-block',
    fires: (w) => w.deny({ doNotApplyToChildScopes: true }),
    but: 'it is meant for the resource group alone',
    not: (w) => w.deny({ scope: GROUP, doNotApplyToChildScopes: true }),
  },
  {
    code: 'PERMISSION_DENIED',
    when: 'a deny assignment names a group that the identity is in',
    severity: 'may-block',
    fires: async (w) => {
      const group = crypto.randomUUID();
      await w.ask('PUT', `/_local/groups/${group}`, { members: [w.reader] });
      await w.deny({ principals: [{ id: group, type: 'Group' }] });
    },
    reads: false,
    but: 'the identity is excluded by name',
    not: async (w) => {
      const group = crypto.randomUUID();
      await w.ask('PUT', `/_local/groups/${group}`, { members: [w.reader] });
      await w.deny({
        principals: [{ id: group, type: 'Group' }],
        excludePrincipals: [{ id: w.reader }],
      });
    },
  },
  {
    code: 'PERMISSION_DENIED',
    when: 'a deny assignment has a condition that is met',
    severity: 'may-block',
    fires: (w) => w.deny({ condition: 'x' }),
    reads: false,
    but: 'what it denies is something else',
    not: (w) =>
      w.deny({
        condition: 'x',
        permissions: [
          {
            dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
            notDataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'],
          },
        ],
      }),
  },
  {
    code: 'POLICIES_IGNORED',
    when: 'a vault that goes by roles has a policy for the identity',
    severity: 'notice',
    fires: (w) => w.allow(['get', 'list']),
    but: 'the policy would not let it read either',
    not: (w) => w.allow(['list']),
  },
];
