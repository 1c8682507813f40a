import type {
  ApiManagementClient,
  ApiManagementServiceResource,
  CertificateContract,
  HostnameConfiguration,
} from '@azure/arm-apimanagement';
import type { AzureClients } from '../azure-clients.ts';
import { toCaEntry } from '../ca-stores.ts';
import { requireService, type CaredFor } from '../cared-for.ts';
import { attemptOn, requireExistingService, toInstalled } from '../installed-certificate.ts';
import { statusOf, toDomainError } from '../to-domain-error.ts';
import { mapBounded } from '../../map-bounded.ts';
import { isNotInTier } from '../usage/reading.ts';
import type { ServiceInventories } from '../../domain/audit/audit-ports.ts';
import type {
  GatewayPart,
  HostnamePart,
  InstalledPart,
  ServiceInventory,
} from '../../domain/audit/inventory.ts';
import { TerminalError, type Problem } from '../../domain/errors.ts';
import { parseSecretIdentifier } from '../../domain/secret-identifier.ts';
import type { Reference } from '../../domain/target-state.ts';

/** Lists of one service that are read at once. */
const SIDE_BY_SIDE = 4;

/**
 * Inventories of the services under care (ARM API 2024-05-01). Pages are as large as the service makes
 * them: no larger ones are documented, nor whether a list goes on after `$top`.
 */
export function makeServiceInventories(
  clients: AzureClients,
  care: { readonly vaults: readonly CaredFor[]; readonly services: readonly CaredFor[] },
  vaultSuffix: string,
  now: () => Date,
): ServiceInventories {
  const addresses = new Addresses(care.vaults, vaultSuffix);
  return {
    async read(name) {
      const service = requireService(care.services, name);
      const readAt = now().toISOString();
      // Its retries wait as long as `Retry-After` asks.
      const client = clients.apiManagement(service.subscriptionId, 'list');
      const lists = new ServiceLists(client, service, addresses);
      const answer = await readService(clients, client, service);
      const [installed, workspaces, gateways] = await Promise.all([
        lists.clients(),
        lists.workspaces(),
        lists.gateways(),
      ]);
      return {
        ...{ kind: 'service', name: service.name, resourceId: service.id, readAt },
        tier: answer.sku.name,
        clients: installed,
        workspaces,
        ca: (answer.certificates ?? []).map(toCaEntry),
        hostnames: (answer.hostnameConfigurations ?? []).map((one) => toHostname(one, addresses)),
        gateways,
        gaps: lists.gaps,
      } satisfies ServiceInventory;
    },
  };
}

async function readService(
  clients: AzureClients,
  client: ApiManagementClient,
  service: CaredFor,
): Promise<ApiManagementServiceResource> {
  try {
    return await client.apiManagementService.get(service.resourceGroup, service.name);
  } catch (error) {
    if (statusOf(error) === 404) await requireExistingService(error, service, clients);
    throw toDomainError(error, attemptOn(service, `read the service ${service.name}`));
  }
}

/** Addresses in Key Vault: those that lead out of the vaults under care are of no source. */
class Addresses {
  readonly suffix: string;
  readonly #vaults: ReadonlySet<string>;

  constructor(vaults: readonly CaredFor[], suffix: string) {
    this.suffix = suffix;
    this.#vaults = new Set(vaults.map(({ name }) => name));
  }

  read(identifier: string, identityClientId: string | undefined): Reference {
    const secret = parseSecretIdentifier(identifier, this.suffix);
    if (secret === undefined) return { kind: 'foreign', identifier };
    return this.known({
      ...{ kind: 'key-vault', secret },
      ...(identityClientId === undefined ? {} : { identityClientId }),
    });
  }

  known(reference: Reference): Reference {
    if (reference.kind !== 'key-vault') return reference;
    const { source, collection, version } = reference.secret;
    if (this.#vaults.has(source.vault)) return reference;
    const path = [collection, source.name, version].filter((part) => part !== undefined).join('/');
    return { kind: 'foreign', identifier: `https://${source.vault}.${this.suffix}/${path}` };
  }
}

/** The lists of one service. What of them is refused is noted as a gap, and is empty. */
class ServiceLists {
  readonly gaps: Problem[] = [];
  readonly #client: ApiManagementClient;
  readonly #service: CaredFor;
  readonly #at: readonly [resourceGroup: string, service: string];
  readonly #addresses: Addresses;

  constructor(client: ApiManagementClient, service: CaredFor, addresses: Addresses) {
    this.#client = client;
    this.#service = service;
    this.#at = [service.resourceGroup, service.name];
    this.#addresses = addresses;
  }

  async clients(): Promise<readonly InstalledPart[]> {
    const { id, name } = this.#service;
    const listed = await this.#list(`the certificates of ${name}`, () =>
      this.#client.certificate.listByService(...this.#at),
    );
    return listed.flatMap((one) => this.#toInstalled(one, id));
  }

  async workspaces(): Promise<ServiceInventory['workspaces']> {
    const { id, name } = this.#service;
    const listed = await this.#list(`the workspaces of ${name}`, () =>
      this.#client.workspace.listByService(...this.#at),
    );
    return await mapBounded(namesOf(listed), SIDE_BY_SIDE, async (workspace) => {
      const certificates = await this.#list(
        `the certificates of ${name}/workspaces/${workspace}`,
        () => this.#client.workspaceCertificate.listByWorkspace(...this.#at, workspace),
      );
      const at = `${id}/workspaces/${workspace}`;
      return {
        name: workspace.toLowerCase(),
        certificates: certificates.flatMap((one) => this.#toInstalled(one, at)),
      };
    });
  }

  async gateways(): Promise<readonly GatewayPart[]> {
    const { id, name } = this.#service;
    const listed = await this.#list(`the gateways of ${name}`, () =>
      this.#client.gateway.listByService(...this.#at),
    );
    return await mapBounded(namesOf(listed), SIDE_BY_SIDE, async (gateway) => {
      const hostnames = await this.#list(`the host names of ${name}/gateways/${gateway}`, () =>
        this.#client.gatewayHostnameConfiguration.listByService(...this.#at, gateway),
      );
      const authorities = await this.#list(`the authorities of ${name}/gateways/${gateway}`, () =>
        this.#client.gatewayCertificateAuthority.listByService(...this.#at, gateway),
      );
      return {
        name: gateway,
        resourceId: `${id}/gateways/${gateway}`,
        hostnames: hostnames.map((one) => {
          const certificate = given(one.certificateId)?.split('/').at(-1);
          return {
            id: one.name ?? '',
            hostName: one.hostname ?? '',
            ...(certificate === undefined ? {} : { certificateId: certificate }),
          };
        }),
        authorities: authorities.map((one) => ({
          certificateId: one.name ?? '',
          trusted: one.isTrusted ?? false,
        })),
      };
    });
  }

  /** Where the service's tier has no such thing, and where it is gone meanwhile, there are none. */
  async #list<Item>(what: string, list: () => AsyncIterable<Item>): Promise<Item[]> {
    const items: Item[] = [];
    try {
      for await (const item of list()) items.push(item);
      return items;
    } catch (error) {
      if (isNotInTier(error) || statusOf(error) === 404) return [];
      const failure = toDomainError(error, attemptOn(this.#service, `list ${what}`));
      if (!(failure instanceof TerminalError)) throw failure;
      this.gaps.push(failure.problem);
      return [];
    }
  }

  #toInstalled(answer: CertificateContract, ownerId: string): InstalledPart[] {
    const { name, subject, expirationDate } = answer;
    if (name === undefined) return [];
    const { reference, thumbprint, lastFailure } = toInstalled(answer, this.#addresses.suffix);
    return [
      {
        ...{ id: name, resourceId: `${ownerId}/certificates/${name}` },
        reference: this.#addresses.known(reference),
        ...(thumbprint === undefined ? {} : { thumbprint }),
        ...namedAndDated(subject, expirationDate),
        ...(lastFailure === undefined ? {} : { lastFailure }),
      },
    ];
  }
}

/** A custom domain may name a vault's certificate as a secret or, by older versions, as a certificate. */
function toHostname(
  { hostName, type, certificate, ...rest }: HostnameConfiguration,
  addresses: Addresses,
): HostnamePart {
  const thumbprint = given(certificate?.thumbprint)?.toUpperCase();
  const source = given(rest.certificateSource);
  const status = given(rest.certificateStatus);
  const identifier = given(rest.keyVaultId);
  return {
    ...{ hostName, type },
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...namedAndDated(certificate?.subject, certificate?.expiry),
    ...(source === undefined ? {} : { certificateSource: source }),
    ...(identifier === undefined
      ? {}
      : { reference: addresses.read(identifier, given(rest.identityClientId)) }),
    ...(status === undefined ? {} : { status }),
  };
}

function namedAndDated(
  subject: string | undefined,
  expiry: Date | string | undefined,
): { readonly subject?: string; readonly expiresAt?: string } {
  const name = given(subject);
  const at = new Date(expiry ?? Number.NaN);
  return {
    ...(name === undefined ? {} : { subject: name }),
    // What the service has never read ends at `null`, of which the SDK makes the year 1970.
    ...(at.getTime() > 0 ? { expiresAt: at.toISOString() } : {}),
  };
}

function namesOf(listed: readonly { readonly name?: string }[]): readonly string[] {
  return listed.flatMap(({ name }) => given(name) ?? []);
}

/** Resource Manager writes what is not there as nothing, `null` or an empty text; types know one. */
function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}
