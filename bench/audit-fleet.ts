/** A fleet for audits: services full of certificates, the vaults they read, and policies. */
import { makeAzureWire, type AzureWire } from '../local/seed/azure-wire.ts';
import { makeSelfSigned } from '../local/seed/self-signed.ts';
import {
  API,
  EU_IDENTITY,
  GROUP_ID,
  identityId,
  LOCATION,
  TENANT_ID,
} from '../local/seed/fleet.ts';
import { assignRole, ROLES } from '../local/seed/roles.ts';
import { letCertkeeperAtAll } from './own-roles.ts';
import type { Ledger } from '../shared/domain/ledger-ports.ts';
import { inTurns, serviceOf } from './fleet.ts';
import { count, progress } from './print.ts';

/** Certificates of each vault; each of its services holds all of them. */
export const CERTIFICATES = 100;
/** Services that read one vault. */
export const SERVICES_OF_A_VAULT = 10;
const APIS = 5;
/** Each API has one, each of its operations has one, and each API has one operation. */
export const POLICIES = 2 * APIS;

export interface AuditSize {
  readonly services: number;
}

/** A version in a vault, as the ledger has it. */
interface Made {
  readonly vault: number;
  readonly name: string;
  readonly version: string;
  readonly thumbprint: string;
}

export const vaultsOf = ({ services }: AuditSize): number =>
  Math.ceil(services / SERVICES_OF_A_VAULT);

/** The settings that put this fleet under care, and nothing else. */
export function careFor(size: AuditSize): Readonly<Record<string, string>> {
  const services = Array.from({ length: size.services }, (_, at) => serviceOf(at));
  const vaults = Array.from({ length: vaultsOf(size) }, (_, at) => vaultOf(at));
  return { CERTKEEPER_SERVICES: listed(services), CERTKEEPER_VAULTS: listed(vaults) };
}

/** The first by its id, the others by their names: they are in the same resource group. */
function listed(ids: readonly string[]): string {
  return ids.map((id, at) => (at === 0 ? id : lastOf(id))).join(',');
}

/** Makes the fleet, and binds all of it in the ledger. */
export async function makeAuditFleet(
  azureUrl: string,
  size: AuditSize,
  ledger: Ledger,
): Promise<void> {
  const azure = makeAzureWire(azureUrl);
  await azure.control('PUT', 'settings', { 'apiManagement.operationSeconds': 0 });
  const reader = await identityOf(azure, EU_IDENTITY);
  await assignRole(azure, GROUP_ID, reader.principalId, ROLES.keyVaultCertificateUser);
  await letCertkeeperAtAll(azure);
  const vaults = Array.from({ length: vaultsOf(size) }, (_, at) => at);
  for (const vault of vaults) {
    progress(`${count(size.services)} services: vault ${vault + 1} of ${vaults.length} …`);
    const made = await makeVault(azure, vault);
    const first = vault * SERVICES_OF_A_VAULT;
    const services = Array.from(
      { length: Math.min(SERVICES_OF_A_VAULT, size.services - first) },
      (_, at) => serviceOf(first + at),
    );
    await inTurns(services, (id) => makeService(azure, id, made, reader.clientId));
    await inTurns(made, (one) => bind(ledger, one, services.map(lastOf)));
  }
}

async function makeVault(azure: AzureWire, vault: number): Promise<readonly Made[]> {
  const id = vaultOf(vault);
  await azure.putResource(id, API.keyVaultResource, {
    location: LOCATION,
    properties: {
      tenantId: TENANT_ID,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      accessPolicies: [],
    },
  });
  const now = new Date();
  const made: Made[] = [];
  const names = Array.from({ length: CERTIFICATES }, (_, at) => `cert-${vault}-${at}`);
  await inTurns(names, async (name) => {
    const kind = { kty: 'EC', curve: 'P-256' } as const;
    const { pfx, thumbprint } = await makeSelfSigned(`${name}.bench.test`, now, kind);
    const { body } = await azure.ask(
      'POST',
      `${lastOf(id)}.vault.azure.net/certificates/${name}/import?api-version=${API.keyVaultData}`,
      {
        body: {
          value: pfx,
          policy: {
            key_props: { exportable: true, kty: 'EC', crv: 'P-256', reuse_key: false },
            secret_props: { contentType: 'application/x-pkcs12' },
          },
        },
      },
    );
    // A certificate bundle as Key Vault documents it.
    const version = lastOf((body as { readonly id: string }).id);
    made.push({ vault, name, version, thumbprint });
  });
  return made;
}

async function makeService(
  azure: AzureWire,
  id: string,
  certificates: readonly Made[],
  identityClientId: string,
): Promise<void> {
  await azure.putResource(id, API.apiManagement, {
    location: LOCATION,
    sku: { name: 'Standard', capacity: 1 },
    properties: { publisherEmail: 'bench@contoso.com', publisherName: 'Bench' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId(EU_IDENTITY)]: {} } },
  });
  const put = async (path: string, properties: object): Promise<void> => {
    const address = `management.azure.com${id}/${path}?api-version=${API.apiManagement}`;
    await azure.ask('PUT', address, { body: { properties }, headers: { 'if-match': '*' } });
  };
  for (const { vault, name } of certificates) {
    const secretIdentifier = `https://${lastOf(vaultOf(vault))}.vault.azure.net/secrets/${name}`;
    await put(`certificates/${name}`, { keyVault: { secretIdentifier, identityClientId } });
  }
  for (const [at, { name: certificate }] of certificates.slice(0, APIS).entries()) {
    const api = `apis/api-${at}`;
    await put(api, { displayName: api, path: `api-${at}`, protocols: ['https'] });
    const operation = `${api}/operations/op`;
    await put(operation, { displayName: 'op', method: 'GET', urlTemplate: '/op' });
    const value = presenting(certificate);
    for (const owner of [api, operation]) {
      await put(`${owner}/policies/policy`, { format: 'rawxml', value });
    }
  }
}

/** As it stands when everything was synced. */
async function bind(
  ledger: Ledger,
  { vault, name, version, thumbprint }: Made,
  services: readonly string[],
): Promise<void> {
  const source = { vault: lastOf(vaultOf(vault)), name };
  const at = new Date().toISOString();
  await ledger.save(
    { source, version, thumbprint, enabled: true, seenAt: at, problems: [] },
    services.map((service) => ({
      source,
      target: { kind: 'client-certificate', service, id: name },
      origin: 'discovered',
      claimed: true,
      status: 'verified',
      versionless: true,
      targetThumbprint: thumbprint,
      verifiedVersion: version,
      verifiedAt: at,
    })),
  );
}

async function identityOf(
  azure: AzureWire,
  name: string,
): Promise<{ readonly clientId: string; readonly principalId: string }> {
  const { clientId, principalId } =
    (await azure.resource(identityId(name), API.identity))?.properties ?? {};
  return { clientId: String(clientId), principalId: String(principalId) };
}

const presenting = (certificate: string): string =>
  `<policies><inbound><base /><authentication-certificate certificate-id="${certificate}" /></inbound></policies>`;
const vaultOf = (at: number): string =>
  `${GROUP_ID}/providers/Microsoft.KeyVault/vaults/bench-${String(at).padStart(4, '0')}-kv`;
const lastOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
