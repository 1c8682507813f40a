import type { CertificateContract } from '@azure/arm-apimanagement';
import type { AzureClients } from './azure-clients.ts';
import { requireService, type CaredFor } from './cared-for.ts';
import { assignOwnRole } from './own-rights.ts';
import { statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import { TerminalError } from '../domain/errors.ts';
import type { ClientCertificates } from '../domain/ports.ts';
import { parseSecretIdentifier } from '../domain/secret-identifier.ts';
import { formatTarget, type ClientCertificateTarget } from '../domain/target.ts';
import type { InstalledCertificate, Reference, TargetState } from '../domain/target-state.ts';

/** Client certificates of the services under care (ARM API 2024-05-01). */
export function makeClientCertificates(
  clients: AzureClients,
  services: readonly CaredFor[],
  vaultSuffix: string,
): ClientCertificates {
  const at = (target: ClientCertificateTarget) => {
    const service = requireService(services, target.service);
    const operations = clients.apiManagement(service.subscriptionId).certificate;
    return {
      service,
      operations,
      address: [service.resourceGroup, service.name, target.id] as const,
    };
  };
  const read = (answer: CertificateContract & { eTag?: string }): InstalledCertificate =>
    toInstalled(answer, vaultSuffix);
  const present = (answer: CertificateContract & { eTag?: string }): TargetState => ({
    kind: 'present',
    installed: read(answer),
  });

  return {
    async observe(target) {
      const { service, operations, address } = at(target);
      try {
        return present(await operations.get(...address));
      } catch (error) {
        if (statusOf(error) === 404) return await absentUnlessGone(error, service, clients);
        throw toDomainError(error, attemptOn(service, `read ${formatTarget(target)}`));
      }
    },

    async attach(target, secretIdentifier, identityClientId) {
      const { service, operations, address } = at(target);
      try {
        // If-Match is documented as needed for an update, and yet updates without it are known to
        // pass (azurerm's api_management_certificate makes them so): the caller has just looked.
        return read(
          await operations.createOrUpdate(...address, {
            keyVault: toKeyVault(secretIdentifier, identityClientId),
          }),
        );
      } catch (error) {
        const refusal = toDomainError(error, attemptOn(service, `attach ${formatTarget(target)}`));
        // A service that is being changed answers 409 too, and that passes.
        const conflict = statusOf(error) === 409 && refusal instanceof TerminalError;
        throw conflict || statusOf(error) === 412 ? takenMeanwhile(target, error) : refusal;
      }
    },

    async repoint(target, secretIdentifier, identityClientId, etag) {
      const { service, operations, address } = at(target);
      try {
        return read(
          await operations.createOrUpdate(
            ...address,
            { keyVault: toKeyVault(secretIdentifier, identityClientId) },
            { ifMatch: etag },
          ),
        );
      } catch (error) {
        throw toDomainError(error, attemptOn(service, `repoint ${formatTarget(target)}`));
      }
    },

    async refresh(target) {
      const { service, operations, address } = at(target);
      try {
        return present(await operations.refreshSecret(...address));
      } catch (error) {
        if (statusOf(error) === 404) return await absentUnlessGone(error, service, clients);
        throw toDomainError(error, attemptOn(service, `refresh ${formatTarget(target)}`));
      }
    },

    async *list(name) {
      const service = requireService(services, name);
      const client = clients.apiManagement(service.subscriptionId, 'list');
      try {
        const pages = client.certificate.listByService(service.resourceGroup, service.name);
        for await (const one of pages) {
          if (one.name !== undefined) yield { id: one.name, installed: read(one) };
        }
      } catch (error) {
        throw toDomainError(error, attemptOn(service, `list the certificates of ${service.name}`));
      }
    },
  };
}

function attemptOn(service: CaredFor, doing: string): Attempt {
  return {
    resource: service.id,
    doing,
    grant: assignOwnRole('API Management Service Contributor', service.id),
  };
}

/**
 * A 404 says that the certificate is gone, or the service, or its resource group: only the first
 * may be taken for an absent target.
 */
async function absentUnlessGone(
  error: unknown,
  service: CaredFor,
  clients: AzureClients,
): Promise<TargetState> {
  try {
    await clients
      .apiManagement(service.subscriptionId)
      .apiManagementService.get(service.resourceGroup, service.name);
    return { kind: 'absent' };
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

function takenMeanwhile(target: ClientCertificateTarget, cause: unknown): TerminalError {
  const path = formatTarget(target);
  return new TerminalError(
    {
      code: 'TARGET_TAKEN',
      message: `${path} came into being while Certkeeper was about to create it; it was left as it is.`,
      resource: path,
      cure: 'Sync it again; if it belongs to somebody else, choose another id.',
    },
    { cause },
  );
}

function toKeyVault(
  secretIdentifier: string,
  identityClientId: string | undefined,
): { secretIdentifier: string; identityClientId?: string } {
  // The system-assigned identity is meant by leaving it out (apiops#257).
  return identityClientId === undefined
    ? { secretIdentifier }
    : { secretIdentifier, identityClientId };
}

function toInstalled(
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
