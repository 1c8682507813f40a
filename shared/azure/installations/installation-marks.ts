import type { AzureClients } from '../azure-clients.ts';
import { requireService, type CaredFor } from '../cared-for.ts';
import { attemptOn, requireExistingService } from '../installed-certificate.ts';
import { statusOf, toDomainError } from '../to-domain-error.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { InstallationMarks } from '../../domain/installation-ports.ts';

/** The tag whose name, as people see it, says which installation keeps the service. */
export const MARK_TAG = 'certkeeper-installation';
const PREFIX = 'Certkeeper ';

/**
 * Marks as tags of the services themselves (`…/service/{name}/tags/certkeeper-installation`, ARM API
 * 2024-05-01). No API bears the tag, so it changes nothing of what the service does. `If-Match` is
 * documented as needed for an update only, and what a PUT without it is answered where the tag is there
 * already is not: 412, 409, or it is written over.
 */
export function makeInstallationMarks(
  clients: AzureClients,
  services: readonly CaredFor[],
): InstallationMarks {
  const at = (name: string) => {
    const service = requireService(services, name);
    const operations = clients.apiManagement(service.subscriptionId).tag;
    const address = [service.resourceGroup, service.name, MARK_TAG] as const;
    const doing = (what: string) =>
      attemptOn(service, `${what} the mark of Certkeeper at ${service.name}`);
    return { service, operations, address, doing };
  };
  return {
    async read(name) {
      const { service, operations, address, doing } = at(name);
      try {
        const { displayName = '', eTag } = await operations.get(...address);
        const installation = displayName.startsWith(PREFIX)
          ? displayName.slice(PREFIX.length)
          : displayName;
        return { installation, etag: eTag };
      } catch (error) {
        if (statusOf(error) !== 404) throw toDomainError(error, doing('read'));
        await requireExistingService(error, service, clients);
        return undefined;
      }
    },

    async write(name, installation, etag) {
      const { operations, address, doing } = at(name);
      const body = { displayName: `${PREFIX}${installation}` };
      try {
        await operations.createOrUpdate(
          ...address,
          body,
          etag === undefined ? {} : { ifMatch: etag },
        );
      } catch (error) {
        const refusal = toDomainError(error, doing('write'));
        // A service that is being changed answers 409 too, and that passes.
        if (statusOf(error) !== 409 || !(refusal instanceof TerminalError)) throw refusal;
        throw new TerminalError(
          {
            code: 'TARGET_CHANGED',
            message: `The mark of Certkeeper at ${name} came into being at the same moment.`,
            resource: name,
            cure: 'Look again.',
          },
          { cause: error },
        );
      }
    },
  };
}
