/** A fleet of any size in the simulated Azure, and rotations in it. */
import { makeAzureWire, type AzureWire } from '../local/seed/azure-wire.ts';
import { importCertificate } from '../local/seed/certificates.ts';
import {
  API,
  EU_IDENTITY,
  GROUP_ID,
  identityId,
  LOCATION,
  placeId,
  placePath,
  SERVICES,
  serviceId,
} from '../local/seed/fleet.ts';
import { makeSelfSigned } from '../local/seed/self-signed.ts';
import { letCertkeeperAtAll } from './own-roles.ts';

/** The certificate that is rotated, and another that every service uses. */
export const ROTATED = 'bench-rotated';
const COMMON = 'bench-common';
const AT_ONCE = 20;

/** One rotation: when the vault had raised its event, and when the result was recorded. */
export interface Rotation {
  /** Milliseconds since the epoch. */
  readonly raisedAt: number;
  readonly verifiedAt: number;
}

/**
 * Makes services, each with a client certificate from the vault; the first `targets` also hold the
 * certificate that is rotated. So do `workspaces` of a seeded service, into which it is put.
 * @returns app settings that put them all under care
 */
export async function makeServices(
  azureUrl: string,
  {
    services,
    targets,
    workspaces,
  }: { readonly services: number; readonly targets: number; readonly workspaces: number },
): Promise<Record<string, string>> {
  const azure = makeAzureWire(azureUrl);
  await azure.control('PUT', 'settings', { 'apiManagement.operationSeconds': 0 });
  await letCertkeeperAtAll(azure);
  const now = new Date();
  const places = Array.from({ length: workspaces }, (_, at) => ({
    service: 'contoso-gw' as const,
    workspace: `bench-${String(at)}`,
  }));
  await inTurns(places, async (place) => {
    await azure.putResource(placeId(place), API.apiManagement, {
      properties: { displayName: place.workspace },
    });
  });
  const tags = workspaces === 0 ? {} : { 'certkeeper-targets': places.map(placePath).join(',') };
  for (const name of [ROTATED, COMMON]) {
    const certificate = await makeSelfSigned(`${name}.test`, now);
    await importCertificate(azure, 'contoso-kv', name, certificate, name === ROTATED ? tags : {});
  }
  const identity = identityId(EU_IDENTITY);
  const holder = await azure.resource(identity, API.identity);
  const identityClientId = String(holder?.properties['clientId']);
  const ids = Array.from({ length: services }, (_, at) => serviceOf(at));
  await inTurns(ids, async (id, at) => {
    await azure.putResource(id, API.apiManagement, {
      location: LOCATION,
      sku: { name: 'Standard', capacity: 1 },
      properties: { publisherEmail: 'bench@contoso.com', publisherName: 'Bench' },
      identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } },
    });
    for (const name of at < targets ? [COMMON, ROTATED] : [COMMON]) {
      await azure.ask(
        'PUT',
        `management.azure.com${id}/certificates/${name}?api-version=${API.apiManagement}`,
        {
          body: {
            properties: { keyVault: { secretIdentifier: secretOf(name), identityClientId } },
          },
        },
      );
    }
  });
  const names = ids.map((id) => id.slice(id.lastIndexOf('/') + 1));
  return { CERTKEEPER_SERVICES: [...SERVICES.map(serviceId), ...names].join(',') };
}

/** Waits until the ledger has the targets, then rotates as often as asked. */
export function makeRotations(system: { hostUrl: string; azureUrl: string }, targets: number) {
  const azure = makeAzureWire(system.azureUrl);
  return {
    async ready(): Promise<void> {
      await until(async () => {
        const response = await fetch(`${system.hostUrl}/api/certificates`);
        const { certificates } = (await response.json()) as Certificates;
        const bindings = certificates.find(({ name }) => name === ROTATED)?.bindings ?? [];
        return bindings.filter(({ status }) => status === 'verified').length === targets;
        // Not often: the answer holds the whole ledger.
      }, 500);
      await settled(system.hostUrl);
    },

    async rotate(): Promise<Rotation> {
      const certificate = await makeSelfSigned(`${ROTATED}.test`, new Date());
      await azure.control('DELETE', 'topics/certkeeper-events/events');
      await azure.control('DELETE', 'requests');
      await importCertificate(azure, 'contoso-kv', ROTATED, certificate);
      const raisedAt = Date.now();
      let events: Outcome[] = [];
      await until(async () => {
        const all = (await azure.control('GET', 'topics/certkeeper-events/events')) as {
          events: Outcome[];
        };
        events = all.events.filter(
          ({ type, data }) =>
            type === 'Certkeeper.CertificateRotated' && data.thumbprint === certificate.thumbprint,
        );
        return events.length === targets;
      });
      return { raisedAt, verifiedAt: Math.max(...events.map(({ time }) => Date.parse(time))) };
    },

    /** What was asked of Key Vault and Resource Manager since the last rotation began, by kind. */
    calls: () => countCalls(azure),
  };
}

interface Certificates {
  readonly certificates: readonly {
    readonly name: string;
    readonly bindings: readonly { readonly status: string }[];
  }[];
}

interface Outcome {
  readonly type: string;
  readonly time: string;
  readonly data: { readonly thumbprint?: string };
}

async function countCalls(azure: AzureWire): Promise<Record<string, number>> {
  const { requests } = (await azure.control('GET', 'requests?principal=identity')) as {
    requests: { method: string; host: string; path: string }[];
  };
  const counts: Record<string, number> = {};
  for (const { method, host, path } of requests) {
    if (host.endsWith('.eventgrid.azure.net')) continue;
    const what = path.endsWith('/refreshSecret') ? 'refreshSecret' : (path.split('/')[1] ?? '');
    const kind = `${method} ${host.endsWith('.vault.azure.net') ? 'vault' : 'management'} ${what}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

async function settled(hostUrl: string): Promise<void> {
  await until(async () => {
    const response = await fetch(`${hostUrl}/api/operations/sweep`);
    return ((await response.json()) as { state: string }).state !== 'running';
  }, 50);
}

async function until(condition: () => Promise<boolean>, pauseMs = 5): Promise<void> {
  const deadline = Date.now() + 600_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('The fleet did not come to rest in ten minutes.');
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Does the work for all of them, some at once. */
export async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item, at: number) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    await Promise.all(items.slice(at, at + AT_ONCE).map((item, add) => work(item, at + add)));
  }
}

/** Resource id of a service that was made. */
export const serviceOf = (at: number): string =>
  `${GROUP_ID}/providers/Microsoft.ApiManagement/service/bench-gw-${String(at).padStart(4, '0')}`;
const secretOf = (name: string): string => `https://contoso-kv.vault.azure.net/secrets/${name}`;
