import * as df from 'durable-functions';
import * as cleanupContracts from '../../shared/contracts/cleanup.ts';
import * as contracts from '../../shared/contracts/sweep.ts';
import { keyPlaces } from '../../shared/domain/key-care.ts';
import { findStatus, requestSync } from '../../shared/durable/start-once.ts';
import { makeCleanUpService } from '../activities/cleanup/clean-up-service.ts';
import { makeRefreshUsage } from '../activities/cleanup/refresh-usage.ts';
import { makeSurveyMark } from '../activities/installations/survey-mark.ts';
import { makeSurveyService } from '../activities/survey-service.ts';
import { makeSurveyVault } from '../activities/survey-vault.ts';
import { sweep } from '../orchestrations/sweep.ts';
import { makeSweepTimer } from '../triggers/sweep-trigger.ts';
import type { RegisterActivity } from './register-activity.ts';
import type { World } from './world.ts';

/** The scheduled pass over everything, clean-ups and the index of uses with it. */
export function registerSweeps(world: World, activity: RegisterActivity): void {
  const { adapters, config, publisher, takeBack, now, vaultNames, serviceNames } = world;
  const { access, arrivals, certificates, cleanups, history, ledger, pushed, vaults } = adapters;

  df.app.orchestration(contracts.SWEEP, sweep);
  activity(contracts.listCare, () =>
    Promise.resolve({
      vaults: [...vaultNames],
      services: [...serviceNames],
      keyPlaces: keyPlaces(config.keyCare),
    }),
  );
  const surveyService = makeSurveyService({ certificates, pushed, ledger, vaults: vaultNames });
  const surveyMark = makeSurveyMark(world.hold);
  activity(contracts.surveyService, async (input) => {
    const surveyed = await surveyService(input);
    const findings = await surveyMark(input);
    return { ...surveyed, ...(findings.length === 0 ? {} : { findings }) };
  });
  const surveyVault = makeSurveyVault({
    ...{ ledger, cleanups, vaults, access, pushed, history, publisher, now },
    repair: config.repairReferences === 'repair',
  });
  activity(
    contracts.surveyVault,
    (input, context) =>
      surveyVault(input, async (source) => {
        const client = df.getClient(context);
        await requestSync({ client, arrivals, now }, source, { fresh: true });
      }),
    { startsSyncs: true, publishes: true },
  );
  activity(
    cleanupContracts.refreshUsage,
    makeRefreshUsage({
      ...{ ledger, index: adapters.usageIndex },
      maxAgeSeconds: config.usageMaxAgeSeconds,
    }),
  );
  activity(
    cleanupContracts.cleanUpService,
    makeCleanUpService({
      ...{ ledger, cleanups, vaults, scanner: adapters.usageScanner, pushed, takeBack, history },
      ...{ publisher, policy: config.cleanup, vaultSuffix: config.cloud.vaultSuffix, now },
    }),
    { publishes: true },
  );
  df.app.client.timer('SweepTimer', {
    schedule: config.sweepSchedule,
    // What happened while the app was down is found at once, not at the next full hour.
    runOnStartup: true,
    handler: makeSweepTimer({ findStatus, now }),
  });
}
