import type {
  ApiManagementServiceResource,
  BackendContract,
  CertificateConfiguration,
} from '@azure/arm-apimanagement';
import { isRestError, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { AzureClients } from './azure-clients.ts';
import { requireService, type CaredFor } from './cared-for.ts';
import { attemptOn } from './installed-certificate.ts';
import { toDeadline } from './to-deadline.ts';
import { serviceError, statusOf, toDomainError } from './to-domain-error.ts';
import { writeTrustPkcs12 } from '../certificates/pkcs12-write.ts';
import { cutName, type CaEntry } from '../domain/ca-entry.ts';
import type { CaData, CaStores, CaUpdateStart } from '../domain/ca-ports.ts';
import { TerminalError, TransientError } from '../domain/errors.ts';

/** CA certificates of the services under care: `properties.certificates` of the service itself. */
export function makeCaStores(clients: AzureClients, services: readonly CaredFor[]): CaStores {
  const clientOf = (service: CaredFor) =>
    clients.apiManagement(service.subscriptionId).apiManagementService;

  return {
    async observe(name) {
      const service = requireService(services, name);
      let answer: ApiManagementServiceResource;
      try {
        answer = await clientOf(service).get(service.resourceGroup, service.name);
      } catch (error) {
        if (statusOf(error) === 404) throw serviceNotFound(service, error);
        throw toDomainError(error, attemptOn(service, `read the service ${service.name}`));
      }
      return {
        serviceId: service.id,
        tier: answer.sku.name,
        state: answer.provisioningState ?? 'Unknown',
        entries: (answer.certificates ?? []).map(toCaEntry),
      };
    },

    async startUpdate(name, entries, until) {
      const service = requireService(services, name);
      const doing = `update the CA certificates of ${service.name}`;
      let taken: CaUpdateStart | undefined;
      try {
        const poller = await clientOf(service).beginUpdate(
          service.resourceGroup,
          service.name,
          { certificates: entries.map(toConfiguration) },
          {
            abortSignal: toDeadline(until),
            onResponse: (answer) => {
              taken ??= startedBy(answer);
            },
          },
        );
        // Holds the operation's address and nothing of the service while it goes on.
        return poller.isDone()
          ? { kind: 'done' }
          : { kind: 'started', operation: poller.toString() };
      } catch (error) {
        // The client asks once how it goes on (arm-apimanagement 10.0.0), and it is that which failed.
        if (taken !== undefined) return taken;
        const locked = lockedFor(error);
        if (locked !== undefined) return { kind: 'locked', afterSeconds: locked };
        throw toDomainError(error, attemptOn(service, doing));
      }
    },

    async pollUpdate(name, operation) {
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
        const doing = `ask how the update of the CA certificates of ${service.name} goes on`;
        const told = toDomainError(error, attemptOn(service, doing));
        // It goes on, whoever may ask about it.
        if (told instanceof TerminalError) return 'lost';
        throw told;
      }
    },

    async usesOf(name, thumbprint) {
      const service = requireService(services, name);
      const client = clients.apiManagement(service.subscriptionId, 'list');
      const users: string[] = [];
      try {
        const pages = client.backend.listByService(service.resourceGroup, service.name);
        for await (const backend of pages) {
          if (issuersOf(backend).includes(thumbprint)) {
            users.push(`the backend ${backend.name ?? backend.url ?? 'without a name'}`);
          }
        }
      } catch (error) {
        throw toDomainError(error, attemptOn(service, `list the backends of ${service.name}`));
      }
      return users;
    },
  };
}

/** What an answer to the PATCH itself says of an update that Azure took; undefined = it took none. */
function startedBy({ request, status, headers }: PipelineResponse): CaUpdateStart | undefined {
  if (request.method !== 'PATCH' || status >= 300) return undefined;
  const asked = headers.get('azure-asyncoperation');
  const operationLocation = asked ?? headers.get('location');
  if (operationLocation === undefined) return { kind: 'started' };
  // As a poller writes itself down (core-lro 2.7).
  const metadata = { mode: asked === undefined ? 'ResourceLocation' : 'OperationLocation' };
  const config = { metadata, operationLocation };
  return { kind: 'started', operation: JSON.stringify({ state: { status: 'running', config } }) };
}

const ENDED_BADLY = /^(The long-running operation has failed|Operation was canceled)/;
/** What a service says while it is being changed ("is transitioning at this time"). */
const CHANGING = /transitioning|being (updated|changed|activated)|another operation/i;
const LOCKED_CODES = new Set([
  'ServiceLocked',
  'PessimisticConcurrencyConflict',
  'OperationInProgress',
  'ServiceInTransition',
]);
/** An update takes 15 minutes and more: asking every half minute finds its end soon enough. */
const LOCKED_FOR_SECONDS = 30;

/** How long to wait when a refusal says that the service takes no change now, and began none. */
function lockedFor(error: unknown): number | undefined {
  if (!isRestError(error)) return undefined;
  const status = error.statusCode ?? 0;
  const { code, message } = serviceError(error);
  const locked =
    (status === 409 && (LOCKED_CODES.has(code) || code === 'Conflict' || CHANGING.test(message))) ||
    ((status === 400 || status === 422) && CHANGING.test(message)) ||
    status === 429;
  if (!locked) return undefined;
  return Math.max(LOCKED_FOR_SECONDS, askedFor(error) ?? 0);
}

/** What the service asked for with `Retry-After`, in seconds. */
function askedFor(error: unknown): number | undefined {
  const told = toDomainError(error, { resource: '', doing: '', grant: '' });
  return told instanceof TransientError ? told.retryAfterSeconds : undefined;
}

/** An entry that says nothing of its certificate has no thumbprint: nobody has a copy of it. */
export function toCaEntry({ storeName, certificate }: CertificateConfiguration): CaEntry {
  const expiresAt = certificate?.expiry;
  return {
    store: storeName === 'Root' ? 'Root' : 'CertificateAuthority',
    thumbprint: (certificate?.thumbprint ?? '').toUpperCase(),
    subject: cutName(certificate?.subject ?? ''),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  };
}

/**
 * Roots go as they are. The store of intermediates wants a PKCS#12 (azurerm#15600): one without key,
 * under an empty password, since nothing in it is secret.
 */
function toConfiguration({ store, der }: CaData): CertificateConfiguration {
  const file = store === 'Root' ? der : writeTrustPkcs12([der], '');
  const encodedCertificate = Buffer.from(file).toString('base64');
  return store === 'Root'
    ? { storeName: store, encodedCertificate }
    : { storeName: store, encodedCertificate, certificatePassword: '' };
}

/** Service Fabric backends name the issuers of what they trust by thumbprint (REST, "Backend"). */
function issuersOf({ properties }: BackendContract): readonly string[] {
  const names = properties?.serviceFabricCluster?.serverX509Names ?? [];
  return names.map(({ issuerCertificateThumbprint }) =>
    (issuerCertificateThumbprint ?? '').toUpperCase(),
  );
}

function serviceNotFound(service: CaredFor, cause: unknown): TerminalError {
  return new TerminalError(
    {
      code: 'SERVICE_NOT_FOUND',
      message: `There is no API Management service ${service.name} at the configured address.`,
      resource: service.id,
      cure: 'Correct or remove its resource id in CERTKEEPER_SERVICES.',
    },
    { cause },
  );
}

function failed(service: CaredFor, cause: Error): TerminalError {
  return new TerminalError(
    {
      code: 'AZURE_REFUSED',
      message: `The update of the CA certificates of ${service.name} failed: ${cause.message.slice(0, 300)}`,
      resource: service.id,
      cure: `Look at what failed: az monitor activity-log list --resource-id ${service.id} --status Failed --offset 1d`,
    },
    { cause },
  );
}
