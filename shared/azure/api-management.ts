import type { CertificateContract } from '@azure/arm-apimanagement';
import type { AzureClients } from './azure-clients.ts';
import { requireService, type CaredFor } from './cared-for.ts';
import { attemptOn, requireExistingService, toInstalled } from './installed-certificate.ts';
import { statusOf, toDomainError } from './to-domain-error.ts';
import { TerminalError } from '../domain/errors.ts';
import type { ClientCertificates } from '../domain/target-ports.ts';
import { formatTarget, type ClientCertificateTarget } from '../domain/target.ts';
import type { InstalledCertificate, TargetState } from '../domain/target-state.ts';

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

/**
 * A 404 says that the certificate is gone, or the service, or its resource group: only the first
 * may be taken for an absent target.
 */
async function absentUnlessGone(
  error: unknown,
  service: CaredFor,
  clients: AzureClients,
): Promise<TargetState> {
  await requireExistingService(error, service, clients);
  return { kind: 'absent' };
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
