/**
 * A service's properties in requests: what is required, what is kept, what is never shown again.
 * Source: REST reference, Api Management Service 2024-05-01.
 */
import { z } from 'zod';
import { caCertificateSchema } from './ca-certificates.ts';
import type { CertificateInformation } from './certificate-information.ts';
import { invalidParameter } from './faults.ts';
import { identitySchema } from './service-identity.ts';

export const SERVICE_VERSIONS = [
  '2021-08-01',
  '2022-08-01',
  '2022-09-01-preview',
  '2023-03-01-preview',
  '2023-05-01-preview',
  '2023-09-01-preview',
  '2024-05-01',
  '2024-06-01-preview',
  '2024-10-01-preview',
  '2025-03-01-preview',
  '2025-09-01-preview',
];

const SKUS = [
  'Developer',
  'Basic',
  'Standard',
  'Premium',
  'Consumption',
  'Isolated',
  'BasicV2',
  'StandardV2',
  'PremiumV2',
] as const;

const tags = z.record(z.string(), z.string());
const skuSchema = z.object({ name: z.string(), capacity: z.number().int().min(0).optional() });

export const hostnameSchema = z.looseObject({
  type: z.enum(['Proxy', 'Portal', 'Management', 'Scm', 'DeveloperPortal', 'ConfigurationApi']),
  hostName: z.string().min(1),
  keyVaultId: z.string().optional(),
  identityClientId: z.string().optional(),
  encodedCertificate: z.string().optional(),
  certificatePassword: z.string().optional(),
});
export type RequestedHostname = z.infer<typeof hostnameSchema>;

const propertiesSchema = z.looseObject({
  publisherEmail: z.string().min(1).max(100).optional(),
  publisherName: z.string().min(1).max(100).optional(),
  certificates: z.array(caCertificateSchema).nullish(),
  hostnameConfigurations: z.array(hostnameSchema).nullish(),
});

export const putSchema = z.object({
  location: z.string().min(1),
  sku: skuSchema,
  zones: z.array(z.string()).optional(),
  identity: identitySchema.nullish(),
  tags: tags.default({}),
  properties: propertiesSchema,
});
export const patchSchema = z.object({
  sku: skuSchema.optional(),
  zones: z.array(z.string()).optional(),
  identity: identitySchema.nullish(),
  tags: tags.optional(),
  properties: propertiesSchema.optional(),
});
export type ServicePatch = z.infer<typeof patchSchema>;
export type RequestedProperties = z.infer<typeof propertiesSchema>;

export interface HostnameConfiguration {
  readonly type: string;
  readonly hostName: string;
  readonly keyVaultId?: string | undefined;
  readonly identityClientId?: string | undefined;
  readonly certificate?: CertificateInformation | undefined;
  readonly certificateSource: 'BuiltIn' | 'Custom' | 'KeyVault' | 'Managed';
  readonly [more: string]: unknown;
}

/** Made by the service itself, whatever a request says. */
const READ_ONLY = [
  'provisioningState',
  'targetProvisioningState',
  'createdAtUtc',
  'gatewayUrl',
  'gatewayRegionalUrl',
  'portalUrl',
  'developerPortalUrl',
  'managementApiUrl',
  'scmUrl',
  'publicIPAddresses',
  'platformVersion',
  'certificates',
  'hostnameConfigurations',
];

/** What is kept of the properties as it was given. */
export function toKeptProperties(given: RequestedProperties): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]: [string, unknown]) => value !== undefined && !READ_ONLY.includes(name),
    ),
  );
}

/**
 * Checks a SKU and fills in its capacity.
 * Thrown when there is no such SKU: AzureFault 400 `InvalidParameters`.
 */
export function toSku(given: z.infer<typeof skuSchema>): { name: string; capacity: number } {
  const name = SKUS.find((known) => known.toLowerCase() === given.name.toLowerCase());
  if (name === undefined) throw invalidParameter(`the sku '${given.name}' is not known.`);
  if (name === 'Consumption') return { name, capacity: 0 };
  return { name, capacity: Math.max(1, given.capacity ?? 1) };
}
