/** Troubles between services and vaults, each with a vault or a service of its own. */
import { assignRole, ROLES } from '../roles.ts';
import { allRead, POLICIES, reads, type FirstHands } from './hands.ts';
import { fabrikamVaultId, type FabrikamService, type FabrikamVault } from './names.ts';
import type { Trouble } from './trouble.ts';

const SHOP = 'fabrikam-shop-gw';
const KV = 'fabrikam-kv';
const OTHER_TENANT = '5eed0000-0000-4000-8000-0000000000ff';

export const ACCESS_TROUBLES: readonly Trouble[] = [
  vaultOf('prices', 'fabrikam-walled-kv', 'the firewall of a vault keeps a service out', {
    end: (h, vault) =>
      h.vault(vault, open(h, { networkAcls: { defaultAction: 'Deny', bypass: 'None' } })),
    finds: [`VAULT_FIREWALL ${SHOP}`],
  }),
  vaultOf('salaries', 'fabrikam-private-kv', 'a vault is closed to public networks', {
    end: (h, vault) =>
      h.vault(vault, open(h, { publicNetworkAccess: 'Disabled', networkAcls: { bypass: 'None' } })),
    finds: [`VAULT_PUBLIC_ACCESS_OFF ${SHOP}`],
  }),
  vaultOf(
    'baskets',
    'fabrikam-bare-kv',
    'nobody gave a service the role, but a policy without effect',
    {
      end: (h, vault) => h.vault(vault, { accessPolicies: [reads(idOf(h, SHOP))] }),
      finds: [`PERMISSION_MISSING ${SHOP}`, `POLICIES_IGNORED ${SHOP}`],
    },
  ),
  vaultOf('office', 'fabrikam-office-kv', 'the only role has a condition', {
    async end(h, vault) {
      await h.vault(vault);
      await letShopRead(h, vault, CONDITION);
    },
    finds: [`PERMISSION_CONDITIONAL ${SHOP}`],
  }),
  vaultOf('vouchers', 'fabrikam-locked-kv', 'a deny assignment forbids a service to read', {
    async end(h, vault) {
      await h.vault(vault);
      await letShopRead(h, vault);
      await h.deny(fabrikamVaultId(vault), idOf(h, SHOP), {
        dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
      });
    },
    finds: [`PERMISSION_DENIED ${SHOP}`],
  }),
  vaultOf('coupons', 'fabrikam-mixed-kv', 'a role has no effect on a vault with policies', {
    async end(h, vault) {
      await h.vault(vault, { ...POLICIES, accessPolicies: [reads(h.readers.certkeeper)] });
      await letShopRead(h, vault);
    },
    finds: [`PERMISSION_MISSING ${SHOP}`, `ROLES_IGNORED ${SHOP}`],
  }),
  vaultOf('catalogue', 'fabrikam-policy-kv', 'the policy of a vault is of another tenant', {
    end: (h, vault) =>
      h.vault(vault, {
        ...POLICIES,
        accessPolicies: [reads(h.readers.certkeeper), reads(idOf(h, SHOP), OTHER_TENANT)],
      }),
    finds: [`POLICY_WRONG_TENANT ${SHOP}`],
  }),
  vaultOf('books', 'fabrikam-audit-kv', 'Certkeeper itself may not look at the roles', {
    async end(h, vault) {
      await h.vault(vault);
      await letShopRead(h, vault);
      await h.deny(fabrikamVaultId(vault), h.readers.certkeeper, {
        actions: ['Microsoft.Authorization/*/read'],
      });
    },
    finds: [`CERTKEEPER_PERMISSION_MISSING ${SHOP}`],
  }),
  {
    where: 'references name an identity that was taken away, and the service itself by its id',
    async happened(h) {
      const { clientId } = await h.identity('fabrikam-lost-id');
      await h.add(KV, 'branches');
      await h.add(KV, 'vans');
      await h.attach('fabrikam-old-gw', KV, 'branches', { identityClientId: clientId });
      await h.attach('fabrikam-old-gw', KV, 'vans', {
        identityClientId: idOf(h, 'fabrikam-old-gw'),
      });
      for (const name of ['branches', 'vans']) await h.use('fabrikam-old-gw', name);
      // Its last change was to a tier that nobody knows, and failed.
      await show(h, 'fabrikam-old-gw', { provisioningState: 'Failed', sku: 'Tomorrow' });
    },
    finds: [
      'IDENTITY_UNKNOWN fabrikam-old-gw',
      'IDENTITY_NAMED_BY_ID fabrikam-old-gw',
      'SERVICE_FAILED fabrikam-old-gw',
      'TIER_UNSUPPORTED fabrikam-old-gw',
    ],
  },
  {
    where: 'a service is being deleted',
    async happened(h) {
      await h.keep('fabrikam-pilot-gw', KV, 'trial');
      await show(h, 'fabrikam-pilot-gw', { provisioningState: 'Deleting' });
    },
    finds: ['SERVICE_DELETING fabrikam-pilot-gw'],
  },
];

/** Cannot be judged from outside: it looks at what is read. */
const CONDITION = "@Resource[Microsoft.KeyVault/vaults/certificates:name] StringEquals 'office'";

/** A vault that the shop could read once, until somebody changed something. */
function vaultOf(
  name: string,
  vault: FabrikamVault,
  where: string,
  {
    end,
    finds,
  }: {
    readonly end: (hands: FirstHands, vault: FabrikamVault) => Promise<void>;
    readonly finds: readonly string[];
  },
): Trouble {
  return {
    where,
    async happened(h) {
      await h.vault(vault, open(h));
      await h.keep(SHOP, vault, name);
      await end(h, vault);
    },
    finds,
  };
}

const open = (hands: FirstHands, more: object = {}) => ({
  ...{ ...POLICIES, accessPolicies: allRead(hands) },
  ...more,
});

const idOf = ({ readers }: FirstHands, service: FabrikamService): string =>
  readers.services.get(service) ?? '';

/** Gives the shop's gateway the role at a vault, under a condition when one is given. */
const letShopRead = (h: FirstHands, vault: FabrikamVault, condition?: string): Promise<void> =>
  assignRole(
    h.azure,
    fabrikamVaultId(vault),
    idOf(h, SHOP),
    ROLES.keyVaultCertificateUser,
    condition,
  );

async function show({ azure }: FirstHands, service: FabrikamService, shown: object): Promise<void> {
  await azure.control('PUT', `services/${service}`, shown);
}
