/** Troubles of places that do not get what is in their vault, and of what cannot be read. */
import { API } from '../fleet.ts';
import { issue } from './issue.ts';
import { fabrikamServiceId, fabrikamVaultId, PARTNER_VAULT } from './names.ts';
import { at, from, type Trouble } from './trouble.ts';
import { allRead, POLICIES, reads, type FirstHands } from './hands.ts';

const GW = 'fabrikam-gw';
const KV = 'fabrikam-kv';
/** Certkeeper mends what it may; from these it keeps its hands off. */
const IGNORED = { tags: { certkeeper: 'ignore' } };

export const PLACE_TROUBLES: readonly Trouble[] = [
  {
    where: 'a target that is to be left alone, and a custom domain, hold an older version',
    async happened(h) {
      await h.keep(GW, KV, 'archive');
      await h.add(KV, 'archive', {}, IGNORED);
      await h.add(KV, 'domain', {}, IGNORED);
      await h.add(KV, 'portal');
      await h.patch(GW, {
        properties: {
          ...{ certificates: await authorities(h, 8) },
          hostnameConfigurations: [
            {
              ...{ type: 'Proxy', hostName: 'api.fabrikam.com', defaultSslBinding: true },
              keyVaultId: `https://${KV}.vault.azure.net/secrets/domain`,
            },
            {
              ...{ type: 'DeveloperPortal', hostName: 'portal.fabrikam.com' },
              keyVaultId: `https://${KV}.vault.azure.net/secrets/portal`,
            },
          ],
        },
      });
      await h.add(KV, 'domain', {}, IGNORED);
      await h.vaultCall('DELETE', KV, 'certificates/portal');
    },
    finds: [
      `STALE_AT_TARGET ${at('archive')}`,
      `HOSTNAME_STALE ${GW}/hostnames/api.fabrikam.com`,
      `SOURCE_SOFT_DELETED ${GW}/hostnames/portal.fabrikam.com`,
      `NEAR_LIMIT ${GW}`,
    ],
  },
  {
    where: 'a reference names a version',
    async happened(h) {
      await h.add(KV, 'kiosk', {}, IGNORED);
      const { body } = await h.vaultCall('GET', KV, 'certificates/kiosk');
      const { sid } = body as { readonly sid: string };
      await h.attach(GW, KV, 'kiosk', { secretIdentifier: sid });
      await h.use(GW, 'kiosk');
    },
    finds: [`VERSION_PINNED_AT_TARGET ${at('kiosk')}`],
  },
  {
    where: 'a reference is to the certificate and not to its secret',
    async happened(h) {
      await h.add(KV, 'scanner', {}, IGNORED);
      await h.attach(GW, KV, 'scanner', {
        secretIdentifier: `https://${KV}.vault.azure.net/certificates/scanner`,
      });
      await h.use(GW, 'scanner');
    },
    finds: [`REFERENCE_NOT_A_SECRET ${at('scanner')}`],
  },
  {
    where: 'the current version is disabled',
    async happened(h) {
      await h.keep(GW, KV, 'intranet');
      await h.add(KV, 'intranet', {}, { attributes: { enabled: false } });
    },
    finds: [`SOURCE_DISABLED ${from('intranet')}`],
  },
  {
    where: 'a certificate that is in use was deleted',
    async happened(h) {
      await h.keep(GW, KV, 'press');
      await h.vaultCall('DELETE', KV, 'certificates/press');
    },
    finds: [`ORPHANED ${at('press')}`],
  },
  {
    where: 'a certificate that is in use is gone for good',
    async happened(h) {
      await h.keep(GW, KV, 'museum');
      await h.vaultCall('DELETE', KV, 'certificates/museum');
      await h.vaultCall('DELETE', KV, 'deletedcertificates/museum');
    },
    finds: [`SOURCE_GONE ${at('museum')}`],
  },
  {
    where: 'a certificate comes from the vault of a partner',
    async happened(h) {
      await h.vault(PARTNER_VAULT, { ...POLICIES, accessPolicies: [reads(gatewayOf(h))] });
      await h.keep(GW, PARTNER_VAULT, 'partner');
    },
    finds: [`SOURCE_VAULT_FOREIGN ${at('partner')}`],
  },
  {
    where: 'a tag asks for what nobody has allowed, and another for a workspace that is not there',
    async happened(h) {
      await h.add(KV, 'wishes', {}, { tags: { 'certkeeper-targets': 'fabrikam-shop-gw' } });
      await h.add(KV, 'team-b', {}, { tags: { 'certkeeper-targets': `${GW}/workspaces/team-b` } });
    },
    finds: ['BINDING_UNSATISFIED fabrikam-shop-gw', `BINDING_UNSATISFIED ${GW}`],
  },
  {
    where: 'a service could not read its vault when it last tried',
    async happened(h) {
      await h.vault('fabrikam-moved-kv', { ...POLICIES, accessPolicies: allRead(h) });
      await h.keep(GW, 'fabrikam-moved-kv', 'depot', {}, IGNORED);
      await h.vault('fabrikam-moved-kv', { ...POLICIES, accessPolicies: [] });
      await h.azure.ask(
        'POST',
        `management.azure.com${fabrikamServiceId(GW)}/certificates/depot/refreshSecret?api-version=${API.apiManagement}`,
        { expect: [400] },
      );
      await h.vault('fabrikam-moved-kv', { ...POLICIES, accessPolicies: allRead(h) });
    },
    finds: [`REFRESH_FAILED ${at('depot')}`],
  },
  {
    where: 'a vault is deleted',
    async happened(h) {
      await h.vault('fabrikam-sold-kv', { ...POLICIES, accessPolicies: allRead(h) });
      await h.keep(GW, 'fabrikam-sold-kv', 'brand');
      await h.azure.ask(
        'DELETE',
        `management.azure.com${fabrikamVaultId('fabrikam-sold-kv')}?api-version=${API.keyVaultResource}`,
      );
    },
    finds: ['VAULT_GONE fabrikam-sold-kv'],
  },
  {
    where: 'Certkeeper may not list the certificates of a vault',
    async happened(h) {
      await h.vault('fabrikam-secret-kv', { ...POLICIES, accessPolicies: [reads(gatewayOf(h))] });
      await h.keep(GW, 'fabrikam-secret-kv', 'payroll');
    },
    finds: ['VAULT_UNREADABLE fabrikam-secret-kv', `CERTKEEPER_PERMISSION_MISSING ${GW}`],
  },
  {
    where: 'the firewall of a vault keeps Certkeeper itself out',
    async happened(h) {
      const vault = 'fabrikam-cellar-kv';
      const open = { ...POLICIES, accessPolicies: allRead(h) };
      await h.vault(vault, open);
      await h.keep(GW, vault, 'wine');
      await h.vault(vault, {
        ...open,
        networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' },
      });
      await h.azure.control('PUT', 'settings', { 'keyVault.firewallForCallers': [vault] });
    },
    finds: ['VAULT_UNREADABLE fabrikam-cellar-kv', `CERTKEEPER_FIREWALLED ${GW}`],
  },
  {
    where: 'Certkeeper may not read a service',
    happened: (h) =>
      h.deny(fabrikamServiceId('fabrikam-safe-gw'), h.readers.certkeeper, {
        actions: ['Microsoft.ApiManagement/service/*'],
      }),
    finds: ['SERVICE_UNREADABLE fabrikam-safe-gw'],
  },
  {
    where: 'Certkeeper may read a service, but for its self-hosted gateways',
    happened: (h) =>
      h.deny(fabrikamServiceId('fabrikam-franchise-gw'), h.readers.certkeeper, {
        actions: ['Microsoft.ApiManagement/service/gateways/*'],
      }),
    finds: ['SERVICE_UNREADABLE fabrikam-franchise-gw'],
  },
  {
    where: 'what a self-hosted gateway uses is in order',
    async happened(h) {
      await h.keep(GW, KV, 'kiosks');
      await h.put(GW, 'gateways/shop', { locationData: { name: 'Shop' } });
      await h.put(GW, 'gateways/shop/hostnameConfigurations/shop', {
        hostname: 'shop.fabrikam.com',
        certificateId: `${fabrikamServiceId(GW)}/certificates/kiosks`,
      });
    },
    finds: [],
  },
  {
    where: 'a service of a v2 tier has CA certificates without effect, and has lost its identity',
    async happened(h) {
      await h.keep('fabrikam-crm-gw', KV, 'crm');
      await h.patch('fabrikam-crm-gw', { properties: { certificates: await authorities(h, 1) } });
      await h.patch('fabrikam-crm-gw', { identity: { type: 'None' } });
    },
    finds: ['CA_WITHOUT_EFFECT fabrikam-crm-gw', 'IDENTITY_MISSING fabrikam-crm-gw'],
  },
];

const gatewayOf = ({ readers }: FirstHands): string => readers.services.get(GW) ?? '';

async function authorities({ present }: FirstHands, count: number): Promise<readonly object[]> {
  const made = Array.from({ length: count }, async (_, index) => {
    const { der } = await issue(`root-${String(index + 1)}`, present);
    return { storeName: 'Root', encodedCertificate: der.toString('base64') };
  });
  return Promise.all(made);
}
