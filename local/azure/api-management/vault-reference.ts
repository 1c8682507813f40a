/**
 * How a service reads a certificate from Key Vault: as its identity, through the vault's secret.
 * Source: "Secure backend services using client certificate authentication" (Key Vault); the
 * secret's content must be a PKCS#12 with its private key.
 */
import type { AzureFault, VaultReader, World } from '../service.ts';
import { AzureFault as Fault } from '../service.ts';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import type { Principals } from '../resource-manager/principals.ts';
import { invalidOperation, validationFault } from './faults.ts';
import { openPfx, type PublicCertificate } from './public-certificate.ts';
import { readingIdentity, type ServiceIdentity } from './service-identity.ts';

export interface VaultReference {
  readonly secretIdentifier: string;
  readonly identityClientId?: string | undefined;
}

/** What reading a vault takes. */
export interface ReadParts {
  readonly world: Pick<World, 'clock'>;
  readonly settings: Pick<ArmSettings, 'outsideValidity'>;
  readonly vaultReader: VaultReader;
  readonly principals: Principals;
}

export interface FailedRead {
  readonly kind: 'failed';
  readonly fault: AzureFault;
  /** What `lastStatus` tells: the vault's own code where the vault answered (assumed). */
  readonly code: string;
  readonly message: string;
}

export type VaultRead =
  { readonly kind: 'read'; readonly certificate: PublicCertificate } | FailedRead;

/** A secret as the vault gave it. */
export type SecretRead = Extract<
  Awaited<ReturnType<VaultReader['readSecret']>>,
  { readonly kind: 'read' }
>;

/** Who reads. */
interface Reading {
  readonly name: string;
  readonly identity: ServiceIdentity;
}

const IDENTIFIER =
  /^https:\/\/([a-z0-9-]+)\.vault\.azure\.net(?::443)?\/([a-z]+)\/([^/?#]+)(?:\/([0-9a-f]{32}))?\/?$/i;

/**
 * Checks a secret identifier and tells whether it names a version: one that does is never read
 * anew by polling ("never rotates"; azurerm#13193).
 * Thrown when it is none: `ValidationError`; an identifier of the `/certificates/` kind with the
 * wording of azurerm#3635.
 */
export function readSecretIdentifier(identifier: string): { readonly versioned: boolean } {
  const { collection, versioned } = readIdentifier(identifier);
  if (collection !== 'secrets') {
    throw validationFault(
      'secretIdentifier',
      'ApiManagement service only accepts KeyVault Secrets type.',
    );
  }
  return { versioned };
}

/**
 * Takes an identifier apart, whatever it names in the vault.
 * Thrown when it is none: `ValidationError`.
 */
export function readIdentifier(identifier: string): {
  readonly collection: string;
  readonly versioned: boolean;
} {
  const match = IDENTIFIER.exec(identifier);
  if (match === null) {
    throw validationFault(
      'secretIdentifier',
      `'${identifier}' is not a valid Key Vault secret identifier; it has the form https://{vault}.vault.azure.net/secrets/{name}.`,
    );
  }
  return { collection: match[2]?.toLowerCase() ?? '', versioned: match[4] !== undefined };
}

/** Reads the certificate; what goes wrong is an answer, not thrown, because callers keep it. */
export async function readFromVault(
  service: Reading,
  reference: VaultReference,
  parts: ReadParts,
): Promise<VaultRead> {
  const { world, settings } = parts;
  const { secretIdentifier } = reference;
  const secret = await readSecretFromVault(service, reference, parts);
  if (secret.kind === 'failed') return secret;
  if (secret.contentType?.toLowerCase() !== 'application/x-pkcs12') {
    return unusable(secretIdentifier, 'its content type is not application/x-pkcs12');
  }
  const opened = await openPfx(Buffer.from(secret.value, 'base64'), '');
  if (opened.kind !== 'opened') {
    return unusable(secretIdentifier, 'it is not a readable PKCS#12');
  }
  const now = world.clock.now();
  const isValid = opened.validFrom <= now && now < opened.validTo;
  if (!isValid && settings.outsideValidity() === 'refuse') {
    return unusable(secretIdentifier, 'it is expired or not valid yet');
  }
  if (!opened.hasPrivateKey) return unusable(secretIdentifier, 'it has no private key');
  return { kind: 'read', certificate: opened.certificate };
}

/** Reads whatever the secret holds, as the service's identity. */
export async function readSecretFromVault(
  service: Reading,
  { secretIdentifier, identityClientId }: VaultReference,
  { vaultReader, principals }: Pick<ReadParts, 'vaultReader' | 'principals'>,
): Promise<SecretRead | FailedRead> {
  let reader;
  try {
    readSecretIdentifier(secretIdentifier);
    reader = readingIdentity(service.identity, identityClientId, secretIdentifier, principals);
  } catch (error) {
    if (error instanceof Fault) return failed(error, error.code, messageOf(error));
    throw error;
  }
  const as = { ...reader, service: service.name };
  const secret = await vaultReader.readSecret(secretIdentifier, as);
  if (secret.kind === 'refused') {
    // Source: the message that people quote for every refusal of the vault, the firewall's included.
    const type = reader.kind === 'systemAssigned' ? 'SystemAssigned' : 'UserAssigned';
    const message =
      `Failed to access KeyVault Secret ${secretIdentifier} using Managed Service Identity ` +
      `(http://aka.ms/apimmsi) of Api Management service. Check if Managed Identity of Type: ` +
      `${type}, ClientId: ${reader.clientId} and ObjectId: ${reader.objectId} has GET ` +
      'permissions on secrets in the KeyVault Access Policies.';
    return failed(invalidOperation(message), secret.code, secret.message);
  }
  return secret;
}

/** Assumed wording: that such a secret is refused is documented, how is not. */
function unusable(secretIdentifier: string, why: string): FailedRead {
  const message = `The KeyVault Secret ${secretIdentifier} is not a certificate that can be used: ${why}.`;
  return failed(validationFault('secretIdentifier', message), 'InvalidCertificate', message);
}

function failed(fault: AzureFault, code: string, message: string): FailedRead {
  return { kind: 'failed', fault, code, message };
}

function messageOf(fault: AzureFault): string {
  const [detail] = fault.details ?? [];
  return typeof detail === 'object' && detail !== null && 'message' in detail
    ? String(detail.message)
    : fault.message;
}
