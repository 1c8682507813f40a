/** Gives a certificate a new version and watches, from outside, how it reaches a service. */
import { azureTime } from '../seed/azure-time.ts';
import type { AzureWire } from '../seed/azure-wire.ts';
import { importCertificate, readCertificate, readInstalled } from '../seed/certificates.ts';
import { commonName, placePath, type Place, type VaultName } from '../seed/fleet.ts';
import { makeSelfSigned } from '../seed/self-signed.ts';
import type { AppClient, ShownBinding } from './app-client.ts';
import { waitFor } from './wait-for.ts';

/** What was seen. Seconds count from the moment at which the vault was given the new version. */
export interface Rotation {
  readonly before: string | undefined;
  /** Thumbprint of the new version. */
  readonly after: string;
  /** Key Vault's event reached the app; undefined when nobody listened. */
  readonly eventSeconds: number | undefined;
  /** API Management answers the new thumbprint. */
  readonly rotatedSeconds: number;
  /** Certkeeper has checked it and says so. */
  readonly verifiedSeconds: number;
}

export interface Watched extends Place {
  readonly vault: VaultName;
  readonly name: string;
}

/** Hears of events that reach the app. */
export interface EventEar {
  /** `performance.now()` of the first event since the last call of `forget`. */
  heardAt(): number | undefined;
  forget(): void;
}

/** An ear that is told of every line of the host's log. */
export function makeEventEar(): EventEar & { hear(functionName: string | undefined): void } {
  let heard: number | undefined;
  return {
    heardAt: () => heard,
    forget: () => (heard = undefined),
    hear(functionName) {
      if (functionName === 'KeyVaultEvents') heard ??= performance.now();
    },
  };
}

/** Throws TookTooLongError when the new version is not verified within a minute. */
export async function watchRotation(
  { azure, app, ear }: { azure: AzureWire; app: AppClient; ear: EventEar },
  { vault, name, ...place }: Watched,
  signal?: AbortSignal,
): Promise<Rotation> {
  const current = await readCertificate(azure, vault, name);
  const before = await readInstalled(azure, place, name);
  const certificate = await makeSelfSigned(commonName(name), await azureTime(azure));
  const after = certificate.thumbprint;
  ear.forget();
  const start = performance.now();
  await importCertificate(azure, vault, name, certificate, current?.tags);
  await waitFor(
    `The rotation of ${name}`,
    async () => {
      const installed = await readInstalled(azure, place, name);
      return installed?.thumbprint === after ? installed : undefined;
    },
    { signal },
  );
  const rotated = performance.now();
  await waitFor(
    `The verification of ${name}`,
    async () => {
      const binding = await findBinding(app, { vault, name, ...place });
      return binding?.status === 'verified' && binding.thumbprint === after ? binding : undefined;
    },
    { signal },
  );
  const verified = performance.now();
  const heard = ear.heardAt();
  return {
    before: before?.thumbprint,
    after,
    eventSeconds: heard === undefined ? undefined : (heard - start) / 1_000,
    rotatedSeconds: (rotated - start) / 1_000,
    verifiedSeconds: (verified - start) / 1_000,
  };
}

/** The binding of a certificate to the service, as Certkeeper's ledger has it. */
export async function findBinding(
  app: AppClient,
  { vault, name, ...place }: Watched,
): Promise<ShownBinding | undefined> {
  const certificates = await app.certificates();
  return certificates
    .find((one) => one.vault === vault && one.name === name)
    ?.bindings.find(({ target }) => target === `${placePath(place)}/certificates/${name}`);
}

/** Waits until what is installed at a place is known, and known to be current. */
export async function waitUntilVerified(
  app: AppClient,
  watched: Watched,
  signal?: AbortSignal,
): Promise<void> {
  await waitFor(
    `The verification of ${watched.name}`,
    async () => {
      const binding = await findBinding(app, watched);
      return binding?.status === 'verified' ? binding : undefined;
    },
    { signal },
  );
}

/** Waits until the sweep that every start begins with is done. */
export async function waitForFirstSweep(app: AppClient, signal?: AbortSignal): Promise<void> {
  await waitFor(
    'The first sweep',
    async () => {
      const sweep = await app.operation('sweep');
      return sweep === undefined || sweep.state === 'pending' || sweep.state === 'running'
        ? undefined
        : sweep;
    },
    { signal },
  );
}
