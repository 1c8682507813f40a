/** What the app needs around it on one machine, whichever host it runs on. */
import path from 'node:path';
import { startAzure, type RunningAzure } from './azure/index.ts';
import { appSettings } from './seed/app-settings.ts';
import { makeAzureWire } from './seed/azure-wire.ts';
import { seedFleet, type SeededFleet } from './seed/seed-fleet.ts';
import { startStorage, type RunningStorage } from './storage/index.ts';

export interface SurroundingsOptions {
  /** Port of the simulated Azure; 0 for any free one, as for the other. */
  readonly azurePort: number;
  /** Port of blob storage; queue and table take the next two. */
  readonly storagePort: number;
  readonly stateDir: string;
  /**
   * `small` unless told; `whole` has Fabrikam too, where much is wrong. `none` leaves the simulated
   * Azure as it is; settings then have to name what is under care.
   */
  readonly fleet?: 'small' | 'whole' | 'none';
  /** Runs when the simulated Azure is up and before the app is loaded; answers more app settings. */
  readonly prepare?: (azureUrl: string) => Promise<Readonly<Record<string, string>>>;
  /** Hears, in a line for a person, that storage has ended by itself. */
  readonly onLost?: (message: string) => void;
}

export interface Surroundings {
  readonly azure: RunningAzure;
  readonly storage: RunningStorage;
  /** Environment variables of the app. */
  readonly settings: Readonly<Record<string, string>>;
  readonly fleet: SeededFleet | undefined;
}

/**
 * Starts storage and a simulated Azure, and seeds its fleet. They need nothing of each other and come
 * up side by side.
 *
 * @param log takes the lines of the simulated Azure's log
 * @param defer takes what stops them again; also where this fails in the middle
 * Throws PortInUseError.
 */
export async function startSurroundings(
  options: SurroundingsOptions,
  log: (line: string) => void,
  defer: (stop: () => Promise<void>) => void,
): Promise<Surroundings> {
  const { azurePort, storagePort, stateDir, onLost, prepare } = options;
  const storing = startStorage({
    blobPort: storagePort,
    stateDir: path.join(stateDir, 'storage'),
    ...(onLost !== undefined && { onLost }),
  });
  // Awaited below; until then a failure of the other side must not leave it unobserved.
  storing.catch(() => undefined);
  defer(async () => {
    const storage = await storing.catch(() => undefined);
    await storage?.stop();
  });
  const azure = await startAzure({ port: azurePort, stateDir: path.join(stateDir, 'azure'), log });
  defer(() => azure.stop());
  const wire = makeAzureWire(azure.url);
  const fleet = options.fleet === 'none' ? undefined : await seedFleet(wire, options.fleet);
  const prepared = (await prepare?.(azure.url)) ?? {};
  const storage = await storing;
  const settings = appSettings({
    azureUrl: azure.url,
    identityHeader: azure.identityHeader,
    certkeeperClientId: fleet?.certkeeperClientId,
    applicationId: fleet?.applicationId,
    fabrikam: fleet?.fabrikam,
    storageConnectionString: storage.connectionString,
  });
  return { azure, storage, fleet, settings: { ...settings, ...prepared } };
}
