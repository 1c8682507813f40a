/** A certificate of a service or of a workspace, as Resource Manager answers it. */
import type { CertificateContract } from '@azure/arm-apimanagement';
import type { AzureClients } from './azure-clients.ts';
import type { CaredFor } from './cared-for.ts';
import { assignOwnRole } from './own-rights.ts';
import { statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import { TerminalError } from '../domain/errors.ts';
import { parseSecretIdentifier } from '../domain/secret-identifier.ts';
import type { InstalledCertificate, Reference } from '../domain/target-state.ts';

export function toInstalled(
  answer: CertificateContract & { eTag?: string },
  vaultSuffix: string,
): InstalledCertificate {
  const thumbprint = given(answer.thumbprint);
  const etag = given(answer.eTag);
  const lastStatus = answer.keyVault?.lastStatus;
  const code = given(lastStatus?.code);
  const failed = code !== undefined && !/^(success|ok|succeeded)$/i.test(code);
  const message = given(lastStatus?.message) ?? '';
  return {
    reference: toReference(answer, vaultSuffix),
    ...(thumbprint === undefined ? {} : { thumbprint: thumbprint.toUpperCase() }),
    ...(etag === undefined ? {} : { etag }),
    ...(failed ? { lastFailure: { code, message: message.slice(0, 600) } } : {}),
  };
}

/** What was tried at a service, and the role that it takes. */
export function attemptOn(service: CaredFor, doing: string): Attempt {
  return {
    resource: service.id,
    doing,
    grant: assignOwnRole('API Management Service Contributor', service.id),
  };
}

/** Thrown when the service itself is what a 404 was about: TerminalError `SERVICE_NOT_FOUND`. */
export async function requireExistingService(
  error: unknown,
  service: CaredFor,
  clients: AzureClients,
): Promise<void> {
  try {
    await clients
      .apiManagement(service.subscriptionId)
      .apiManagementService.get(service.resourceGroup, service.name);
  } catch (second) {
    if (statusOf(second) !== 404) {
      throw toDomainError(second, attemptOn(service, `read ${service.name}`));
    }
    throw new TerminalError(
      {
        code: 'SERVICE_NOT_FOUND',
        message: `There is no API Management service ${service.name} at the configured address.`,
        resource: service.id,
        cure: 'Correct or remove its resource id in CERTKEEPER_SERVICES.',
      },
      { cause: error },
    );
  }
}

function toReference({ keyVault }: CertificateContract, vaultSuffix: string): Reference {
  const identifier = given(keyVault?.secretIdentifier);
  if (identifier === undefined) return { kind: 'uploaded' };
  const secret = parseSecretIdentifier(identifier, vaultSuffix);
  if (secret === undefined) return { kind: 'foreign', identifier };
  const identityClientId = given(keyVault?.identityClientId);
  return identityClientId === undefined
    ? { kind: 'key-vault', secret }
    : { kind: 'key-vault', secret, identityClientId };
}

/** Resource Manager writes what is not there as nothing, `null` or an empty text; types know one. */
function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}
