/**
 * The small fleet that a new installation shows itself on. The names are fixed: documents, tests
 * and demonstrations refer to them.
 */

export const TENANT_ID = '5eed0000-0000-4000-8000-00000000000a';
export const SUBSCRIPTION_ID = '5eed0000-0000-4000-8000-000000000001';
export const RESOURCE_GROUP = 'rg-contoso';
export const LOCATION = 'westeurope';

/** ARM id of the resource group. */
export const GROUP_ID = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${RESOURCE_GROUP}`;

export const VAULTS = ['contoso-kv', 'contoso-legacy-kv'] as const;
export const SERVICES = ['contoso-gw', 'contoso-eu-gw', 'contoso-lab-gw'] as const;
export type VaultName = (typeof VAULTS)[number];
export type ServiceName = (typeof SERVICES)[number];
/** The part of contoso-gw that a team has to itself; it cannot read Key Vault. */
export const TEAM = { service: 'contoso-gw', workspace: 'team-a' } as const;

/** The identity that Certkeeper itself runs as. */
export const CERTKEEPER_IDENTITY = 'certkeeper-id';
/** The identity of contoso-eu-gw. */
export const EU_IDENTITY = 'contoso-eu-id';
/** The custom topic that outcomes are published to. */
export const EVENTS_TOPIC = 'certkeeper-events';
export const EVENTS_TOPIC_ENDPOINT = `https://${EVENTS_TOPIC}.${LOCATION}-1.eventgrid.azure.net/api/events`;

export const vaultId = (name: VaultName): string =>
  `${GROUP_ID}/providers/Microsoft.KeyVault/vaults/${name}`;
export const serviceId = (name: ServiceName): string =>
  `${GROUP_ID}/providers/Microsoft.ApiManagement/service/${name}`;
export const identityId = (name: string): string =>
  `${GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
export const topicId = `${GROUP_ID}/providers/Microsoft.EventGrid/topics/${EVENTS_TOPIC}`;

/** Where a certificate is in API Management: of a service, or of one of its workspaces. */
export interface Place {
  readonly service: ServiceName;
  readonly workspace?: string;
}
/** ARM id of a place. */
export const placeId = ({ service, workspace }: Place): string =>
  workspace === undefined ? serviceId(service) : `${serviceId(service)}/workspaces/${workspace}`;
/** A place as a target's path begins, e.g. `contoso-gw/workspaces/team-a`. */
export const placePath = ({ service, workspace }: Place): string =>
  workspace === undefined ? service : `${service}/workspaces/${workspace}`;

/** The subject's common name, as all certificates of the fleet are named. */
export const commonName = (certificate: string): string => `${certificate}.contoso.com`;

/**
 * Consent as the seeded fleet gives it: both vaults, client certificates of all three services and
 * of their workspaces; and uploads of CA certificates to contoso-gw.
 */
export const ALLOW = [
  ...VAULTS.map(
    (vault) =>
      `${vault}/* => ${SERVICES.map((name) => `${name}, ${name}/workspaces/*`).join(', ')}`,
  ),
  'none/ca-certificates => contoso-gw/ca/Root, contoso-gw/ca/CertificateAuthority',
].join('; ');

/** Certificates of automation may be registered at the fleet's application: each pair is written out. */
export const allowKeys = (applicationId: string): string =>
  ['contoso-kv', 'none']
    .map((vault) => `${vault}/*-bot => entra/applications/${applicationId}`)
    .join('; ');

/** API versions that the seed speaks. */
export const API = {
  apiManagement: '2024-05-01',
  eventGrid: '2022-06-15',
  identity: '2023-01-31',
  keyVaultData: '7.5',
  keyVaultResource: '2023-07-01',
  resources: '2021-04-01',
  roles: '2022-04-01',
} as const;

export interface SeededCertificate {
  readonly vault: VaultName;
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** The service it is attached to by hand, and whether the reference names a version. */
  readonly attached?: { readonly service: ServiceName; readonly pinned?: true };
}

export const CERTIFICATES: readonly SeededCertificate[] = [
  {
    vault: 'contoso-kv',
    name: 'gateway-client',
    tags: { 'certkeeper-targets': 'contoso-gw' },
    attached: { service: 'contoso-gw' },
  },
  {
    vault: 'contoso-kv',
    name: 'partner-mtls',
    attached: { service: 'contoso-eu-gw', pinned: true },
  },
  {
    vault: 'contoso-legacy-kv',
    name: 'legacy-api',
    attached: { service: 'contoso-gw' },
  },
  {
    vault: 'contoso-kv',
    name: 'team-client',
    tags: { 'certkeeper-targets': placePath(TEAM) },
  },
  {
    vault: 'contoso-kv',
    name: 'reports',
    // contoso-lab-gw has no identity that could read the vault: this one is blocked.
    tags: { 'certkeeper-targets': 'contoso-lab-gw' },
  },
];

/** What the first audit finds of it, `CODE about` each. Nothing in this fleet uses a certificate. */
export const FIRST_FINDINGS: readonly string[] = [
  'BINDING_UNSATISFIED contoso-lab-gw',
  'USED_BY_NOTHING contoso-gw/certificates/gateway-client',
  'USED_BY_NOTHING contoso-gw/certificates/legacy-api',
];
