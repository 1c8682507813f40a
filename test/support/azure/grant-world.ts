/**
 * A service, a vault and a certificate in the simulated Azure, and what gives access there: real
 * SDK clients, ledgers in memory.
 */
import { makeGiveAccess } from '../../../functions/activities/grants/give-access.ts';
import type { GivePorts } from '../../../functions/activities/grants/ports.ts';
import { makeAccessReader } from '../../../shared/azure/access.ts';
import { makeAccessGiver } from '../../../shared/azure/access-giver.ts';
import { makeClientCertificates } from '../../../shared/azure/api-management.ts';
import { AzureClients } from '../../../shared/azure/azure-clients.ts';
import { makeGrants } from '../../../shared/azure/grants.ts';
import { makeVaults } from '../../../shared/azure/key-vault.ts';
import type { Giving } from '../../../shared/contracts/grant.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import type { ClientCertificateTarget } from '../../../shared/domain/target.ts';
import { makeLocalAzureHttpClient } from '../local-azure-http-client.ts';
import { makeMemoryHistory } from '../memory-history.ts';
import { makeMemoryTable } from '../memory-table.ts';
import { GROUP, SUBSCRIPTION, type AzureUnderTest } from './azure-clients.ts';
import { makeTestCertificate } from './make-pfx.ts';
import { askVault, makeIdentity, makeVault } from './vault.ts';

const SUFFIX = 'vault.azure.net';

export interface GrantWorldOptions {
  /** The service's identity; the system-assigned one when left out. */
  readonly identity?: object | 'none';
  /** Of the vault. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Of the service. */
  readonly service?: Readonly<Record<string, unknown>>;
  /** `CERTKEEPER_GRANT_ACCESS`; auto when left out. */
  readonly grantAccess?: 'never' | 'auto';
  readonly allowed?: boolean;
  /** Whether Certkeeper calls as an identity of its own, which may do nothing yet. */
  readonly ownIdentity?: boolean;
}

let count = 0;

export type GrantWorld = Awaited<ReturnType<typeof makeGrantWorld>>;

/** Makes a vault `kv-N` with the certificate `c`, and a service `gw-N`. */
export async function makeGrantWorld(under: AzureUnderTest, options: GrantWorldOptions = {}) {
  count += 1;
  const [vault, service] = [`kv-g${String(count)}`, `gw-g${String(count)}`];
  const { identity = { type: 'SystemAssigned' } } = options;
  const serviceId = `${GROUP}/providers/Microsoft.ApiManagement/service/${service}`;
  const made = await under.ask('PUT', `${serviceId}?api-version=2024-05-01`, {
    location: 'West Europe',
    sku: { name: 'Developer', capacity: 1 },
    properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso', ...options.service },
    tags: { team: 'integration' },
    ...(identity === 'none' ? {} : { identity }),
  });
  if (made.status >= 300) throw new Error(JSON.stringify(made.body));
  const vaultId = await makeVault(under, vault, options.properties);
  const imported = await askVault(under, 'POST', vault, '/certificates/c/import', {
    value: (await makeTestCertificate()).pfx,
    policy: { secret_props: { contentType: 'application/x-pkcs12' } },
  });
  if (imported.status !== 200) throw new Error(JSON.stringify(imported.body));
  const own = options.ownIdentity === true ? await makeIdentity(under, `ck-${service}`) : undefined;

  const cared = (id: string, name: string) => ({
    ...{ id, name },
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'rg-contoso',
  });
  const care = { vaults: [cared(vaultId, vault)], services: [cared(serviceId, service)] };
  const clients = new AzureClients({
    credential: {
      getToken: async (scopes) => ({
        token:
          own === undefined
            ? 'operator'
            : await tokenOf(under, own.clientId, [scopes].flat()[0] ?? ''),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    },
    httpClient: makeLocalAzureHttpClient(under.azure.url),
    vaultSuffix: SUFFIX,
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
  });
  const grants = makeGrants(makeMemoryTable());
  const history = makeMemoryHistory();
  const giver = makeAccessGiver(clients, care);
  let ahead = 0;
  const ports: GivePorts = {
    ...{ grants, history, giver },
    access: makeAccessReader(clients, care),
    certificates: makeClientCertificates(clients, care.services, SUFFIX),
    vaults: makeVaults(clients, care.vaults),
    vaultSuffix: SUFFIX,
    now: () => new Date(Date.now() + ahead),
    consent: options.allowed === false ? [] : [{ source: `${vault}/*`, target: `${service}/*/*` }],
    grantAccess: options.grantAccess ?? 'auto',
    hold: { require: () => Promise.resolve() },
  };
  const source = { vault, name: 'c' };
  const target: ClientCertificateTarget = { kind: 'client-certificate', service, id: 'c' };

  const world = {
    ...{ vault, vaultId, service, serviceId, source, target, ports, own, history },
    /** One call, as the platform and as one holder unless said otherwise. */
    give(more: GiveMore = {}): Promise<Giving> {
      const { by = { kind: 'platform' }, holder = 'one', ports: bent, onlyPlan } = more;
      return makeGiveAccess({ ...ports, ...bent })({
        ...{ source, target, by, holder },
        ...(onlyPlan === undefined ? {} : { onlyPlan }),
      });
    },

    /** Calls until it neither waits nor has more, with the clocks moved on as long as it waits. */
    async giveAll(more: GiveMore = {}): Promise<Giving> {
      for (let calls = 0; calls < 40; calls += 1) {
        const answer = await world.give(more);
        if (answer.state === 'complete' || answer.state === 'withheld') return answer;
        if (answer.state === 'waiting') await world.advance(answer.afterSeconds ?? 0);
      }
      throw new Error('It does not come to an end.');
    },

    /** Moves both clocks. */
    async advance(seconds: number): Promise<void> {
      ahead += seconds * 1_000;
      await under.ask('POST', '/_local/clock', { advance: seconds });
    },

    /** The service as Resource Manager shows it. */
    async shown(): Promise<ShownService> {
      return (await under.ask('GET', `${serviceId}?api-version=2024-05-01`)).body as ShownService;
    },

    /** Role assignments at the vault itself. */
    async assignments(): Promise<readonly ShownAssignment[]> {
      const { body } = await under.ask(
        'GET',
        `${vaultId}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=atScope()`,
      );
      return (body as { value: ShownAssignment[] }).value.filter(
        ({ properties }) => properties.scope === vaultId,
      );
    },

    /** Access policies of the vault. */
    async policies(): Promise<readonly ShownPolicy[]> {
      const { body } = await under.ask('GET', `${vaultId}?api-version=2023-07-01`);
      return (body as { properties: { accessPolicies: ShownPolicy[] } }).properties.accessPolicies;
    },

    /** Requests of one kind that reached Resource Manager. */
    async sent(method: string, path: RegExp): Promise<number> {
      const { body } = await under.ask('GET', '/_local/requests');
      const { requests } = body as { requests: { method: string; path: string }[] };
      return requests.filter((one) => one.method === method && path.test(one.path)).length;
    },

    /** Whether the service can really read the certificate. */
    async reads(): Promise<boolean> {
      const { status } = await under.ask(
        'PUT',
        `${serviceId}/certificates/proof?api-version=2024-05-01`,
        { properties: { keyVault: { secretIdentifier: `https://${vault}.${SUFFIX}/secrets/c` } } },
        { 'if-match': '*' },
      );
      return status < 300;
    },
  };
  return world;
}

interface GiveMore {
  readonly by?: RequestedBy;
  readonly holder?: string;
  readonly ports?: Partial<GivePorts>;
  readonly onlyPlan?: true;
}

export interface ShownService {
  readonly identity?: { readonly type: string; readonly principalId?: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: {
    readonly provisioningState: string;
    readonly certificates: readonly { certificate: { thumbprint: string } }[] | null;
  };
}

export interface ShownAssignment {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly scope: string;
    readonly roleDefinitionId: string;
    readonly principalId: string;
    readonly principalType: string;
    readonly description: string | null;
  };
}

export interface ShownPolicy {
  readonly objectId: string;
  readonly tenantId: string;
  readonly permissions: { readonly secrets?: readonly string[]; readonly keys?: readonly string[] };
}

/** A token of a managed identity, as the app gets one. */
export async function tokenOf(
  under: AzureUnderTest,
  clientId: string,
  scope: string,
): Promise<string> {
  const resource = encodeURIComponent(scope.replace(/\/\.default$/, ''));
  const response = await fetch(
    `${under.azure.url}/msi/token?api-version=2019-08-01&resource=${resource}&client_id=${clientId}`,
    { headers: { 'x-identity-header': under.azure.identityHeader } },
  );
  return ((await response.json()) as { access_token: string }).access_token;
}
