import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { requestSync, requestVaultCheck } from '../../shared/durable/start-once.ts';
import { makeTellExpiry } from '../activities/notify/tell-expiry.ts';
import { makeKeyVaultEvents } from '../triggers/key-vault-events.ts';
import { tellWaiting } from './telling.ts';
import type { World } from './world.ts';

/** What Key Vault tells through Event Grid. */
export function registerEvents(world: World): void {
  const { adapters, config, publisher, vaultNames, now } = world;
  const { arrivals, vaultArrivals, vaults } = adapters;
  const tellExpiry = makeTellExpiry({ vaults, publisher, now });
  app.eventGrid('KeyVaultEvents', {
    extraInputs: [df.input.durableClient()],
    handler: makeKeyVaultEvents({
      vaults: vaultNames,
      vaultSuffix: config.cloud.vaultSuffix,
      requestSync: (source, context) =>
        requestSync({ client: df.getClient(context), arrivals, now }, source, { fresh: false }),
      requestCheck: (vault, context) =>
        requestVaultCheck({ client: df.getClient(context), arrivals: vaultArrivals, now }, vault),
      tellExpiry: (source, context) =>
        tellExpiry(source).finally(() => tellWaiting(world, context)),
    }),
  });
}
