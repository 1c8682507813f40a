/** A service's CA certificates through the app, and as the simulated Azure has them. */
import { makeRoot } from '../openssl/ca-files.ts';
import type { Openssl } from '../openssl/openssl.ts';
import type { Wire } from './azure-wire.ts';
import { eventually, type RunningSystem } from './running-system.ts';
import { uploadForm, type Answered } from './upload.ts';

export interface CaOperation {
  readonly state: string;
  readonly step: string;
  readonly changes?: readonly {
    readonly change: string;
    readonly thumbprint: string;
    readonly outcome: string;
    readonly problem?: { readonly code: string };
  }[];
}

interface ArmService {
  readonly properties: {
    readonly provisioningState: string;
    readonly certificates:
      | readonly {
          readonly storeName: string;
          readonly certificate: { readonly thumbprint: string; readonly subject: string };
        }[]
      | null;
  };
}

export type CaService = ReturnType<typeof watchCaService>;

/** @param name e.g. `contoso-gw` */
export function watchCaService(system: RunningSystem, wire: Wire, name = 'contoso-gw') {
  const path = `/services/${name}/ca-certificates`;
  const address = `${wire.group}/providers/Microsoft.ApiManagement/service/${name}`;
  const service = async () => (await wire.send(wire.arm(address))).body as ArmService;
  return {
    path,
    add: (file: Uint8Array, fields: Readonly<Record<string, string>> = {}): Promise<Answered> =>
      uploadForm(system, path, file, fields, { headers: { ...system.headers } }),
    remove: (store: string, thumbprint: string, query = '') =>
      wire.api(`${path}/${store}/${thumbprint}${query}`, 'DELETE'),
    list: async () => (await wire.api(path)).body,

    /** `Root/{thumbprint}` of what the service lists, sorted. */
    entries: async (): Promise<readonly string[]> =>
      ((await service()).properties.certificates ?? [])
        .map(({ storeName, certificate }) => `${storeName}/${certificate.thumbprint}`)
        .sort(),

    /** Changes the service as somebody else would. */
    patch: (properties: object) => wire.send(wire.arm(address), 'PATCH', { properties }),

    /** Updates of the service that were asked for and not refused, by anybody. */
    updates: async (): Promise<number> =>
      (await wire.requests()).filter(
        (one) =>
          one.method === 'PATCH' && one.path.endsWith(`/service/${name}`) && one.status < 300,
      ).length,

    /** Waits until the update of the service is over. */
    settled: (withinMs = 60_000): Promise<CaOperation> =>
      eventually(
        async () => {
          const { operation } = (await wire.api(path)).body as { operation: string };
          return (await wire.send(`${system.hostUrl}${operation}`)).body as CaOperation;
        },
        ({ state }) => state !== 'running' && state !== 'pending',
        withinMs,
      ),
  };
}

/** Simulated seconds that changes of a service take. */
export async function setUpdateSeconds(
  wire: Wire,
  system: Pick<RunningSystem, 'azureUrl'>,
  seconds: number,
): Promise<void> {
  await wire.send(`${system.azureUrl}/_local/settings`, 'PUT', {
    'apiManagement.operationSeconds': seconds,
  });
}

/** Roots in DER, with the keys of the entries that they become. */
export function makeRoots(
  openssl: Openssl,
  count: number,
): readonly { readonly der: Buffer; readonly key: string }[] {
  return Array.from({ length: count }, (_, at) => {
    const { der } = makeRoot(openssl, `root-${String(at + 1)}`);
    const print = openssl.run(
      'x509',
      '-in',
      `root-${String(at + 1)}.pem`,
      '-noout',
      '-fingerprint',
    );
    return { der, key: `Root/${(print.split('=')[1] ?? '').trim().replaceAll(':', '')}` };
  });
}
