import type { BackendContract } from '@azure/arm-apimanagement';
import { attemptOn } from './installed-certificate.ts';
import type { AzureClients } from './azure-clients.ts';
import { requireService, type CaredFor } from './cared-for.ts';
import { statusOf, toDomainError } from './to-domain-error.ts';
import type { CertificateUses } from '../domain/ports.ts';
import type { CertificateTarget } from '../domain/target.ts';

/**
 * The backends that present a certificate to what they call: they name it by its id
 * (`credentials.certificateIds`, REST reference "Backend"). Policies and named values are not read.
 */
export function makeCertificateUses(
  clients: AzureClients,
  services: readonly CaredFor[],
): CertificateUses {
  return {
    async of(target) {
      const service = requireService(services, target.service);
      const suffix = idSuffix(target);
      const users: string[] = [];
      try {
        for await (const backend of backendsOf(clients, service, target)) {
          const ids = backend.credentials?.certificateIds ?? [];
          if (ids.some((id) => id.toLowerCase().endsWith(suffix))) {
            users.push(`the backend ${backend.name ?? backend.url ?? 'without a name'}`);
          }
        }
      } catch (error) {
        // Gone with its service or workspace: then nothing uses it.
        if (statusOf(error) === 404) return [];
        throw toDomainError(error, attemptOn(service, `list the backends of ${service.name}`));
      }
      return users;
    },
  };
}

function backendsOf(
  clients: AzureClients,
  { resourceGroup, subscriptionId, name }: CaredFor,
  target: CertificateTarget,
): AsyncIterable<BackendContract> {
  const client = clients.apiManagement(subscriptionId, 'list');
  return target.kind === 'client-certificate'
    ? client.backend.listByService(resourceGroup, name)
    : client.workspaceBackend.listByWorkspace(resourceGroup, name, target.workspace);
}

/** An id is written as a full resource id or from the service on. */
function idSuffix(target: CertificateTarget): string {
  const place = target.kind === 'client-certificate' ? '' : `/workspaces/${target.workspace}`;
  return `${place}/certificates/${target.id}`.toLowerCase();
}
