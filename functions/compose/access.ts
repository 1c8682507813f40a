import * as df from 'durable-functions';
import * as accessContracts from '../../shared/contracts/access.ts';
import * as contracts from '../../shared/contracts/grant.ts';
import { requestSync } from '../../shared/durable/start-once.ts';
import { makeCheckServiceAccess } from '../activities/check-service-access.ts';
import { makeGiveAccess } from '../activities/grants/give-access.ts';
import { makePublishGrants } from '../activities/grants/publish-grants.ts';
import { makeOpenVaultCheck } from '../activities/open-vault-check.ts';
import { checkVaultAccess } from '../orchestrations/check-vault-access.ts';
import { grantAccess } from '../orchestrations/grant-access.ts';
import type { RegisterActivity } from './register-activity.ts';
import type { World } from './world.ts';

/** Giving access to vaults, and the watch over who has it. */
export function registerAccess(world: World, activity: RegisterActivity): void {
  const { adapters, publisher, now } = world;
  const { arrivals, history, ledger, vaultArrivals } = adapters;

  df.app.orchestration(contracts.GRANT_ACCESS, grantAccess);
  activity(contracts.giveAccess, makeGiveAccess(world.giving));
  activity(contracts.publishGrants, makePublishGrants(publisher), { publishes: true });
  activity(
    contracts.requestSourceSync,
    async ({ source, by }, context) => {
      const client = df.getClient(context);
      const { id } = await requestSync({ client, arrivals, now }, source, { fresh: true, by });
      return { id };
    },
    { startsSyncs: true },
  );

  df.app.orchestration(accessContracts.CHECK_VAULT_ACCESS, checkVaultAccess);
  activity(
    accessContracts.checkServiceAccess,
    makeCheckServiceAccess({ ...world.looking, ledger, history, publisher }),
    { publishes: true },
  );
  activity(
    accessContracts.openVaultCheck,
    makeOpenVaultCheck({ arrivals: vaultArrivals, ledger, services: world.serviceNames }),
  );
  activity(accessContracts.closeVaultCheck, async ({ vault, arrival }) => ({
    again: !(await vaultArrivals.close(vault, arrival)),
  }));
}
