import { createHash } from 'node:crypto';
import type { ApiManagementServiceResource } from '@azure/arm-apimanagement';
import type { AzureClients } from './azure-clients.ts';
import { requireService, type CaredFor } from './cared-for.ts';
import { assignOwnRole } from './own-rights.ts';
import { toDomainError, type Attempt } from './to-domain-error.ts';
import { TerminalError } from '../domain/errors.ts';
import type { AccessGiver } from '../domain/access-ports.ts';

/** Enables a service's system-assigned identity: a change of the service, which takes its time. */
export function makeIdentityGiver(
  clients: AzureClients,
  services: readonly CaredFor[],
): Pick<AccessGiver, 'looks' | 'startIdentity' | 'pollIdentity'> {
  const clientOf = (service: CaredFor) =>
    clients.apiManagement(service.subscriptionId).apiManagementService;
  const read = async (service: CaredFor): Promise<ApiManagementServiceResource> => {
    try {
      return await clientOf(service).get(service.resourceGroup, service.name);
    } catch (error) {
      throw toDomainError(error, attemptOn(service, `read the service ${service.name}`));
    }
  };

  return {
    async looks(name) {
      const answer = await read(requireService(services, name));
      return {
        caCertificates: (answer.certificates ?? []).map(
          ({ storeName, certificate }) =>
            `${storeName}/${(certificate?.thumbprint ?? '').toUpperCase()}`,
        ),
        hostnames: (answer.hostnameConfigurations ?? []).map(({ type, hostName }) =>
          `${type} ${hostName}`.toLowerCase(),
        ),
        userAssigned: Object.keys(answer.identity?.userAssignedIdentities ?? {}).map((id) =>
          id.toLowerCase(),
        ),
        tags: Object.entries(answer.tags ?? {}).map(
          ([tag, value]) =>
            `${tag}=${createHash('sha256').update(value).digest('hex').slice(0, 12)}`,
        ),
        state: answer.provisioningState ?? 'Unknown',
      };
    },

    async startIdentity(name) {
      const service = requireService(services, name);
      const { identity } = await read(service);
      // A change without condition would take user-assigned ones away that came meanwhile: the
      // service has no If-Match.
      if (identity !== undefined && identity.type.toLowerCase() !== 'none') return 'there';
      try {
        const poller = await clientOf(service).beginUpdate(service.resourceGroup, service.name, {
          identity: { type: 'SystemAssigned' },
        });
        // Holds the operation's address and nothing of the service while it goes on.
        return poller.isDone() ? 'there' : { operation: poller.toString() };
      } catch (error) {
        throw toDomainError(
          error,
          attemptOn(service, `enable the system-assigned identity of ${service.name}`),
        );
      }
    },

    async pollIdentity(name, operation) {
      const service = requireService(services, name);
      try {
        const poller = await clientOf(service).beginUpdate(
          service.resourceGroup,
          service.name,
          {},
          // Asks once, and sends nothing (measured with arm-apimanagement 10.0.0).
          { resumeFrom: operation },
        );
        return poller.isDone() ? 'done' : 'running';
      } catch (error) {
        // An operation's bad end is an error that no request has failed with (core-lro 2.7).
        if (error instanceof Error && ENDED_BADLY.test(error.message)) throw failed(service, error);
        const doing = `enable the system-assigned identity of ${service.name}`;
        throw toDomainError(error, attemptOn(service, doing));
      }
    },
  };
}

const ENDED_BADLY = /^(The long-running operation has failed|Operation was canceled)/;

function failed(service: CaredFor, cause: Error): TerminalError {
  return new TerminalError(
    {
      code: 'AZURE_REFUSED',
      message: `Enabling the system-assigned identity of ${service.name} failed: ${cause.message.slice(0, 300)}`,
      resource: service.id,
      cure: `Look at what failed: az monitor activity-log list --resource-id ${service.id} --status Failed --offset 1d`,
    },
    { cause },
  );
}

function attemptOn(service: CaredFor, doing: string): Attempt {
  return {
    resource: service.id,
    doing,
    grant: assignOwnRole('API Management Service Contributor', service.id),
  };
}
