/**
 * The composition root: settings → adapters → registration. The only file with side effects; it
 * throws, and the app does not start, when a setting is missing or bad.
 */
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { makeAttachTarget } from './activities/attach-target.ts';
import {
  makeObserveTarget,
  makeRefreshTarget,
  makeRepointTarget,
} from './activities/change-target.ts';
import { makeCheckServiceAccess } from './activities/check-service-access.ts';
import { makeCheckTarget } from './activities/check-target.ts';
import { makeGiveAccess, requireConsent } from './activities/grants/give-access.ts';
import { makePlanAccess } from './activities/grants/plan-access.ts';
import { makePublishGrants } from './activities/grants/publish-grants.ts';
import { makeTakeBack } from './activities/grants/take-back.ts';
import { findAccess, makeDiagnoseTarget } from './activities/diagnose-target.ts';
import { makeIdentifyTarget } from './activities/identify-target.ts';
import { makeLookAtTarget } from './activities/look-at-target.ts';
import { makeObserveSource } from './activities/observe-source.ts';
import { makeOpenVaultCheck } from './activities/open-vault-check.ts';
import { makePlanSource } from './activities/plan-source.ts';
import { makePublishOutcomes } from './activities/publish-outcomes.ts';
import { makePushTarget } from './activities/push-target.ts';
import { makeRecordSync } from './activities/record-sync.ts';
import { makeRemoveTarget, requireUnused } from './activities/remove-target.ts';
import { makeSurveyService, makeSurveyVault } from './activities/survey.ts';
import { checkVaultAccess } from './orchestrations/check-vault-access.ts';
import { grantAccess } from './orchestrations/grant-access.ts';
import { syncCertificate } from './orchestrations/sync-certificate.ts';
import { sweep } from './orchestrations/sweep.ts';
import { makeRoutes } from './routes.ts';
import { makeKeyVaultEvents } from './triggers/key-vault-events.ts';
import { makeSweepTimer } from './triggers/sweep-trigger.ts';
import { makeAdapters } from '../shared/azure/index.ts';
import { readConfig } from '../shared/config.ts';
import { readUpload } from '../shared/certificates/read-upload.ts';
import type { Contract } from '../shared/contracts/contract.ts';
import * as accessContracts from '../shared/contracts/access.ts';
import * as grantContracts from '../shared/contracts/grant.ts';
import * as syncContracts from '../shared/contracts/sync.ts';
import * as sweepContracts from '../shared/contracts/sweep.ts';
import { toActivityHandler } from '../shared/durable/activity-handler.ts';
import { findStatus, requestSync, requestVaultCheck } from '../shared/durable/start-once.ts';
import { makeAdmit } from '../shared/http/admit.ts';
import { toHttpHandler } from '../shared/http/http-handler.ts';

const config = readConfig(process.env);
const now = () => new Date();
const adapters = makeAdapters(config, now);
const { vaults, vaultWriter, certificates, pushed, access } = adapters;
const { ledger, history, arrivals, vaultArrivals, publisher, uses, giver, grants } = adapters;
const vaultNames = new Set(config.vaults.map(({ name }) => name));
const serviceNames = new Set(config.services.map(({ name }) => name));
const { vaultSuffix } = config.cloud;
const { consent, onSuspect, grantAccess: mayGive } = config;
const view = {
  ledger,
  vaults,
  consent,
  services: serviceNames,
  vaultSuffix,
  onSuspect,
  grantAccess: mayGive,
};
const writer = vaultWriter;
const looking = { access, certificates, pushed, vaults, writer, vaultSuffix, now };
const giving = { ...looking, giver, grants, history, consent, grantAccess: mayGive };
const startOnce = (client: df.DurableClient) => ({ client, arrivals, now });

/** Registers an activity; those that start syncs get a durable client as an extra input. */
function activity<Input, Output>(
  contract: Contract<Input, Output>,
  run: (input: Input, context: InvocationContext) => Promise<Output>,
  options: { readonly startsSyncs?: boolean } = {},
): void {
  df.app.activity(contract.name, {
    handler: toActivityHandler(contract, run),
    ...(options.startsSyncs === true ? { extraInputs: [df.input.durableClient()] } : {}),
  });
}

df.app.orchestration(syncContracts.SYNC_CERTIFICATE, syncCertificate);
activity(syncContracts.observeSource, makeObserveSource({ ...view, arrivals }));
activity(syncContracts.rereadSource, ({ source }) => vaults.readCurrent(source));
activity(syncContracts.observeTarget, makeObserveTarget({ certificates, pushed }));
activity(syncContracts.checkTarget, makeCheckTarget(looking));
activity(syncContracts.attachTarget, makeAttachTarget({ access, certificates, ledger }));
activity(syncContracts.repointTarget, makeRepointTarget({ access, certificates }));
activity(syncContracts.refreshTarget, makeRefreshTarget(certificates));
activity(syncContracts.pushTarget, makePushTarget({ ledger, pushed, vaults, writer }));
activity(syncContracts.identifyTarget, makeIdentifyTarget(vaults));
activity(syncContracts.removeTarget, makeRemoveTarget({ pushed, uses }));
activity(syncContracts.diagnoseTarget, makeDiagnoseTarget(looking));
activity(syncContracts.recordSync, makeRecordSync(ledger, history));
activity(syncContracts.publishOutcomes, makePublishOutcomes(publisher));
activity(syncContracts.closeSync, async ({ source, arrival }) => ({
  again: !(await arrivals.close(source, arrival)),
}));

df.app.orchestration(grantContracts.GRANT_ACCESS, grantAccess);
activity(grantContracts.giveAccess, makeGiveAccess(giving));
activity(grantContracts.publishGrants, makePublishGrants(publisher));
activity(
  grantContracts.requestSourceSync,
  async ({ source, by }, context) => {
    const { id } = await requestSync(startOnce(df.getClient(context)), source, { fresh: true, by });
    return { id };
  },
  { startsSyncs: true },
);

df.app.orchestration(sweepContracts.SWEEP, sweep);
activity(sweepContracts.listCare, () =>
  Promise.resolve({ vaults: [...vaultNames], services: [...serviceNames] }),
);
activity(
  sweepContracts.surveyService,
  makeSurveyService({ certificates, pushed, ledger, vaults: vaultNames }),
);
activity(
  accessContracts.checkServiceAccess,
  makeCheckServiceAccess({ ...looking, ledger, history, publisher }),
);
const surveyVault = makeSurveyVault({ ledger, vaults, now });
activity(
  sweepContracts.surveyVault,
  (input, context) =>
    surveyVault(input, async (source) => {
      await requestSync(startOnce(df.getClient(context)), source, { fresh: true });
    }),
  { startsSyncs: true },
);

df.app.orchestration(accessContracts.CHECK_VAULT_ACCESS, checkVaultAccess);
activity(
  accessContracts.openVaultCheck,
  makeOpenVaultCheck({ arrivals: vaultArrivals, ledger, services: serviceNames }),
);
activity(accessContracts.closeVaultCheck, async ({ vault, arrival }) => ({
  again: !(await vaultArrivals.close(vault, arrival)),
}));

const onKeyVaultEvent = makeKeyVaultEvents({
  vaults: vaultNames,
  vaultSuffix,
  requestSync: (source, context) =>
    requestSync(startOnce(df.getClient(context)), source, { fresh: false }),
  requestCheck: (vault, context) =>
    requestVaultCheck({ client: df.getClient(context), arrivals: vaultArrivals, now }, vault),
});
app.eventGrid('KeyVaultEvents', {
  extraInputs: [df.input.durableClient()],
  handler: onKeyVaultEvent,
});

df.app.client.timer('SweepTimer', {
  schedule: config.sweepSchedule,
  // What happened while the app was down is found at once, not at the next full hour.
  runOnStartup: true,
  handler: makeSweepTimer({ findStatus, now }),
});

const routes = makeRoutes({
  care: { vaults: vaultNames, services: serviceNames },
  ledger,
  history,
  vaults,
  planSource: makePlanSource({
    ...{ ...view, certificates, pushed, now },
    check: makeCheckTarget(looking),
  }),
  checkAccess: (source, target) => findAccess(looking, { source, target }),
  grants: {
    requireConsent: (source, target) => requireConsent({ consent }, { source, target }),
    plan: makePlanAccess(giving),
    takeBack: makeTakeBack({ giver, grants, history, ledger, now }),
  },
  requestSync: (client, source, by) => requestSync(startOnce(client), source, { fresh: true, by }),
  findStatus,
  keyedRequests: adapters.keyedRequests,
  uploads: {
    rules: consent,
    services: serviceNames,
    vaultSuffix,
    ledger,
    history,
    vaults,
    writer: vaultWriter,
    pushed,
    read: readUpload,
    observe: makeLookAtTarget({ certificates, pushed, vaults }),
    requireUnused: async (target) => {
      requireUnused(target, await uses.of(target));
    },
    onSuspect,
  },
  now,
  authMode: config.auth.mode,
});
const admit = makeAdmit(config.auth);
for (const route of routes) {
  df.app.client.http(route.name, {
    methods: [route.method],
    route: route.path,
    // With entra the platform lets everybody through to the app, which refuses them itself.
    authLevel: config.auth.mode === 'entra' ? 'anonymous' : 'function',
    handler: toHttpHandler(route, admit),
  });
}
