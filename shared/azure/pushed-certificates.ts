import type { CertificateContract } from '@azure/arm-apimanagement';
import type { AzureClients } from './azure-clients.ts';
import { requireService, type CaredFor } from './cared-for.ts';
import { attemptOn, requireExistingService, toInstalled } from './installed-certificate.ts';
import { statusOf, toDomainError } from './to-domain-error.ts';
import { TerminalError, type TransientError } from '../domain/errors.ts';
import type { PushedCertificates } from '../domain/target-ports.ts';
import { formatTarget, type CertificateTarget } from '../domain/target.ts';
import type { InstalledCertificate, TargetState } from '../domain/target-state.ts';

type Answer = CertificateContract & { eTag?: string };
interface Body {
  data: string;
  password: string;
}

/** The operations on one certificate, whatever it belongs to. */
interface Place {
  get(): Promise<Answer>;
  put(body: Body, options: { ifMatch?: string }): Promise<Answer>;
  delete(etag: string): Promise<void>;
}

/** Certificates that are put there as data (ARM API 2024-05-01). */
export function makePushedCertificates(
  clients: AzureClients,
  services: readonly CaredFor[],
  vaultSuffix: string,
): PushedCertificates {
  const at = (target: CertificateTarget) => {
    const service = requireService(services, target.service);
    const place = placeOf(clients, service, target);
    const doing = (what: string) => attemptOn(service, `${what} ${formatTarget(target)}`);
    return { service, place, doing };
  };

  return {
    async observe(target): Promise<TargetState> {
      const { service, place, doing } = at(target);
      try {
        return { kind: 'present', installed: toInstalled(await place.get(), vaultSuffix) };
      } catch (error) {
        if (statusOf(error) !== 404) throw toDomainError(error, doing('read'));
        await requireOwner(error, clients, service, target);
        return { kind: 'absent' };
      }
    },

    async push(target, pfx, etag): Promise<InstalledCertificate> {
      const { service, place, doing } = at(target);
      // Key Vault hands a PFX out without password, and an empty one is how API Management is told
      // so: azurerm's acceptance tests of api_management_certificate send exactly that.
      const body = { data: Buffer.from(pfx).toString('base64'), password: '' };
      try {
        const answer = await place.put(body, etag === undefined ? {} : { ifMatch: etag });
        return toInstalled(answer, vaultSuffix);
      } catch (error) {
        const attempt = doing('push');
        throw await withoutRequest(async () => {
          if (statusOf(error) === 404) await requireOwner(error, clients, service, target);
          if (statusOf(error) === 409) throw changedUnlessPassing(error, target, attempt);
          throw toDomainError(error, attempt);
        });
      }
    },

    async remove(target, etag): Promise<void> {
      const { place, doing } = at(target);
      try {
        await place.delete(etag);
      } catch (error) {
        if (statusOf(error) === 404) return;
        throw toDomainError(error, doing('delete'));
      }
    },

    async *list(name, workspace) {
      const service = requireService(services, name);
      const { resourceGroup, subscriptionId } = service;
      const operations = clients.apiManagement(subscriptionId, 'list').workspaceCertificate;
      try {
        const pages = operations.listByWorkspace(resourceGroup, service.name, workspace);
        for await (const one of pages) {
          if (one.name === undefined) continue;
          yield { id: one.name, installed: toInstalled(one, vaultSuffix) };
        }
      } catch (error) {
        if (statusOf(error) === 404) await requireWorkspace(error, clients, service, workspace);
        const doing = `list the certificates of ${service.name}/workspaces/${workspace}`;
        throw toDomainError(error, attemptOn(service, doing));
      }
    },
  };
}

function placeOf(clients: AzureClients, service: CaredFor, target: CertificateTarget): Place {
  const client = clients.apiManagement(service.subscriptionId);
  const { resourceGroup, name } = service;
  if (target.kind === 'client-certificate') {
    const address = [resourceGroup, name, target.id] as const;
    return {
      get: () => client.certificate.get(...address),
      put: (body, options) => client.certificate.createOrUpdate(...address, body, options),
      delete: (etag) => client.certificate.delete(...address, etag),
    };
  }
  const address = [resourceGroup, name, target.workspace, target.id] as const;
  return {
    get: () => client.workspaceCertificate.get(...address),
    put: (body, options) => client.workspaceCertificate.createOrUpdate(...address, body, options),
    delete: (etag) => client.workspaceCertificate.delete(...address, etag),
  };
}

/** A 404 may be about the certificate, or about what it would belong to: that is a problem. */
async function requireOwner(
  error: unknown,
  clients: AzureClients,
  service: CaredFor,
  target: CertificateTarget,
): Promise<void> {
  if (target.kind === 'client-certificate') await requireExistingService(error, service, clients);
  else await requireWorkspace(error, clients, service, target.workspace);
}

async function requireWorkspace(
  error: unknown,
  clients: AzureClients,
  service: CaredFor,
  workspace: string,
): Promise<void> {
  const client = clients.apiManagement(service.subscriptionId);
  try {
    await client.workspace.get(service.resourceGroup, service.name, workspace);
  } catch (second) {
    if (statusOf(second) !== 404) {
      const doing = `read the workspace ${workspace} of ${service.name}`;
      throw toDomainError(second, attemptOn(service, doing));
    }
    await requireExistingService(error, service, clients);
    const path = `${service.name}/workspaces/${workspace}`;
    throw new TerminalError(
      {
        code: 'WORKSPACE_NOT_FOUND',
        message: `There is no workspace ${workspace} in ${service.name}.`,
        resource: path,
        cure: `Create it, or correct the path ${path} where it is asked for.`,
      },
      { cause: error },
    );
  }
}

/** Something came where nothing was: the same as a state that is no longer what was seen. */
function changedUnlessPassing(
  error: unknown,
  target: CertificateTarget,
  attempt: ReturnType<typeof attemptOn>,
): TerminalError | TransientError {
  const refusal = toDomainError(error, attempt);
  // A service that is being changed answers 409 too, and that passes.
  if (!(refusal instanceof TerminalError)) return refusal;
  const path = formatTarget(target);
  return new TerminalError({
    code: 'TARGET_CHANGED',
    message: `${path} came into being while Certkeeper was about to create it.`,
    resource: path,
    cure: 'Sync it again.',
  });
}

/** What a refusal throws, without its cause: that holds the request, and so the private key. */
async function withoutRequest(refuse: () => Promise<never>): Promise<unknown> {
  const refusal: unknown = await refuse().catch((error: unknown) => error);
  if (refusal instanceof Error) delete refusal.cause;
  return refusal;
}
