/** The app as its users see it: its API, and the targets it keeps, on a system of its own. */
import type { SystemOptions } from '../../../local/system.ts';
import { makeWire } from './azure-wire.ts';
import { eventually, startTestSystem, type RunningSystem } from './running-system.ts';

interface View {
  readonly certificates: readonly {
    readonly vault: string;
    readonly name: string;
    readonly thumbprint?: string;
    readonly bindings: readonly {
      readonly target: string;
      readonly status: string;
      readonly thumbprint?: string;
      readonly verifiedAt?: string;
      readonly problem?: { readonly code: string };
      readonly access?: { readonly verdict: string };
    }[];
  }[];
}

/** An operation as `GET /api/operations/{id}` answers it. */
export interface Operation {
  readonly state: string;
  readonly step: string;
  readonly targets?: readonly {
    readonly target: string;
    readonly outcome: string;
    readonly thumbprint?: string;
    readonly problem?: { readonly code: string };
  }[];
  readonly problem?: { readonly code: string; readonly message: string; readonly cure?: string };
}

export type AppUnderTest = Awaited<ReturnType<typeof startAppUnderTest>>;

/** Starts a seeded system and waits until what is attached there already is known and verified. */
export async function startAppUnderTest(options: Partial<SystemOptions> = {}) {
  const app = watchApp(await startTestSystem(options));
  await eventually(
    () => app.binding('contoso-kv', 'gateway-client', 'contoso-gw/certificates/gateway-client'),
    (one) => one?.status === 'verified',
  );
  await app.sync('contoso-kv', 'gateway-client');
  return app;
}

/** The app of a system that is running. */
export function watchApp(system: RunningSystem) {
  const wire = makeWire(system);
  const isOver = ({ state }: Operation): boolean => state !== 'running' && state !== 'pending';
  return {
    system,
    wire,

    /** A binding as `GET /api/certificates` shows it. */
    async binding(vault: string, name: string, target: string) {
      const { certificates } = (await wire.api('/certificates')).body as View;
      return certificates
        .find((one) => one.vault === vault && one.name === name)
        ?.bindings.find((one) => one.target === target);
    },

    /**
     * Syncs through the API and waits until the operation is over. Nothing runs for the source
     * afterwards, so what is counted next is its own.
     */
    async sync(vault: string, name: string): Promise<Operation> {
      const started = await wire.api(`/certificates/${vault}/${name}/sync`, 'POST');
      expect(started.status).toBe(202);
      const location = started.headers.get('location') ?? '';
      return await eventually(
        async () => (await wire.send(`${system.hostUrl}${location}`)).body as Operation,
        isOver,
      );
    },

    /** Sweeps and waits until that is done. */
    async sweep(): Promise<void> {
      expect(await wire.api('/sweeps', 'POST')).toMatchObject({ status: 202 });
      await eventually(async () => (await wire.api('/operations/sweep')).body as Operation, isOver);
    },

    /** What API Management itself reports at a target. */
    targetThumbprint: async (service: string, id: string) =>
      (await wire.apimCertificate(service, id))?.properties.thumbprint,
  };
}

/** A new-version event in the Event Grid schema, as the vendor documents it. */
export function newVersionEvent(vault: string, name: string) {
  const version = 'ee059b2bb5bc48398a53b168c6cdcb10';
  return {
    id: '00eccf70-95a7-4e7c-8299-2eb17ee9ad64',
    topic: `/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-contoso/providers/Microsoft.KeyVault/vaults/${vault}`,
    subject: name,
    eventType: 'Microsoft.KeyVault.CertificateNewVersionCreated',
    eventTime: '2026-07-25T01:08:33.1036736Z',
    data: {
      Id: `https://${vault}.vault.azure.net/certificates/${name}/${version}`,
      VaultName: vault,
      ObjectType: 'Certificate',
      ObjectName: name,
      Version: version,
      NBF: '1559081980',
      EXP: '1559082102',
    },
    dataVersion: '1',
    metadataVersion: '1',
  };
}
