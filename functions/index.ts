/**
 * The composition root: settings → adapters → registration. The only file with side effects; it
 * throws, and the app does not start, when a setting is missing or bad.
 */
import { randomUUID } from 'node:crypto';
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { makeAttachTarget } from './activities/attach-target.ts';
import {
  makeObserveTarget,
  makeRefreshTarget,
  makeRepointTarget,
} from './activities/change-target.ts';
import { makeAdvanceCaUpdate } from './activities/ca/advance-ca-update.ts';
import {
  makeKeepCaTarget,
  makeLetCaTargetGo,
  makeObserveCaTarget,
  type CaUpdater,
} from './activities/ca/keep-ca-target.ts';
import { makeSurveyCaStore } from './activities/ca/survey-ca-store.ts';
import { makeTellCaChanges } from './activities/ca/tell-ca-changes.ts';
import { makeComposeAudit } from './activities/audit/compose-audit.ts';
import { makeNoteUnreadable } from './activities/audit/note-unreadable.ts';
import { makeReadService, makeReadVault } from './activities/audit/read-part.ts';
import { makeTidyAudits } from './activities/audit/tidy-audits.ts';
import { makeCheckServiceAccess } from './activities/check-service-access.ts';
import { makeCheckTarget } from './activities/check-target.ts';
import { makeCleanUpService } from './activities/cleanup/clean-up-service.ts';
import { rebind } from './activities/cleanup/rebind.ts';
import { makeRefreshUsage } from './activities/cleanup/refresh-usage.ts';
import { makeGiveAccess, requireConsent } from './activities/grants/give-access.ts';
import { makePlanAccess } from './activities/grants/plan-access.ts';
import { makePublishGrants } from './activities/grants/publish-grants.ts';
import { makeTakeBack } from './activities/grants/take-back.ts';
import { findAccess, makeDiagnoseTarget } from './activities/diagnose-target.ts';
import { makeObserveKeys, makeRegisterKey, makeWithdrawKeys } from './activities/keys/at-target.ts';
import { makeChangeKeys, lookAtKeys } from './activities/keys/change-keys.ts';
import { makeCheckKey, makeSignInFor } from './activities/keys/check-key.ts';
import { registerGivenKey } from './activities/keys/register-key.ts';
import { tendKeys } from './activities/keys/tend-keys.ts';
import { withdrawKeys } from './activities/keys/withdraw-keys.ts';
import { makeIdentifyTarget } from './activities/identify-target.ts';
import { makeLookAtTarget } from './activities/look-at-target.ts';
import { makeMeasureSync } from './activities/measure-sync.ts';
import { makeHandOverReport } from './activities/notify/hand-over-report.ts';
import { makeEventRouter } from './activities/notify/route-events.ts';
import { makeTellExpiry } from './activities/notify/tell-expiry.ts';
import { makeTellPlace } from './activities/notify/tell-place.ts';
import { makeObserveSource } from './activities/observe-source.ts';
import { makeOpenVaultCheck } from './activities/open-vault-check.ts';
import { makePlanSource } from './activities/plan-source.ts';
import { makePublishOutcomes } from './activities/publish-outcomes.ts';
import { makePushTarget } from './activities/push-target.ts';
import { makeRecordSync } from './activities/record-sync.ts';
import { makeRemoveTarget, requireUnused } from './activities/remove-target.ts';
import { makeFindBreaking } from './activities/repairs/find-references.ts';
import { makeLookUpReferences } from './activities/repairs/note-breaking.ts';
import { makeRepairNamedValues } from './activities/repairs/repair-named-values.ts';
import { makeRepairReferences } from './activities/repairs/repair-references.ts';
import { makeUndoRepair } from './activities/repairs/undo-repair.ts';
import { makeSurveyService } from './activities/survey-service.ts';
import { makeSurveyVault } from './activities/survey-vault.ts';
import { audit } from './orchestrations/audit.ts';
import { checkVaultAccess } from './orchestrations/check-vault-access.ts';
import { grantAccess } from './orchestrations/grant-access.ts';
import { notify } from './orchestrations/notify.ts';
import { syncCertificate } from './orchestrations/sync-certificate.ts';
import { sweep } from './orchestrations/sweep.ts';
import { updateCaStore } from './orchestrations/update-ca-store.ts';
import { makeRoutes } from './routes.ts';
import { makeAuditTimer } from './triggers/audit/start-audit.ts';
import { makeKeyVaultEvents } from './triggers/key-vault-events.ts';
import { makeSweepTimer } from './triggers/sweep-trigger.ts';
import { makeAdapters } from '../shared/azure/index.ts';
import { readConfig } from '../shared/config.ts';
import { publicIssuers } from '../shared/certificates/public-issuers.ts';
import { readCaUpload } from '../shared/certificates/read-ca-upload.ts';
import { readPublicCertificate } from '../shared/certificates/read-public-certificate.ts';
import { readUpload } from '../shared/certificates/read-upload.ts';
import { renewSelfSigned } from '../shared/certificates/renew-self-signed.ts';
import { rewriteThumbprints } from '../shared/policies/rewrite-policy.ts';
import type { Contract } from '../shared/contracts/contract.ts';
import { readReport } from '../shared/report/read-report.ts';
import { renderReport } from '../shared/report/render-report.ts';
import * as accessContracts from '../shared/contracts/access.ts';
import * as auditContracts from '../shared/contracts/audit.ts';
import * as caContracts from '../shared/contracts/ca.ts';
import * as cleanupContracts from '../shared/contracts/cleanup.ts';
import * as keyContracts from '../shared/contracts/keys.ts';
import * as grantContracts from '../shared/contracts/grant.ts';
import * as notifyContracts from '../shared/contracts/notify.ts';
import * as repairContracts from '../shared/contracts/repair.ts';
import * as syncContracts from '../shared/contracts/sync.ts';
import * as sweepContracts from '../shared/contracts/sweep.ts';
import { keyPlaces } from '../shared/domain/key-care.ts';
import { makeMetrics } from '../shared/metrics/make-metrics.ts';
import { makeMessenger } from '../shared/notify/messenger.ts';
import { toActivityHandler } from '../shared/durable/activity-handler.ts';
import { caUpdateId } from '../shared/durable/instance-id.ts';
import {
  findStatus,
  isLive,
  requestCaUpdate,
  requestNotify,
  requestSync,
  requestVaultCheck,
} from '../shared/durable/start-once.ts';
import { makeAdmit } from '../shared/http/admit.ts';
import { toHttpHandler } from '../shared/http/http-handler.ts';

const config = readConfig(process.env);
const now = () => new Date();
const adapters = makeAdapters(config, now);
const { vaults, vaultWriter, certificates, pushed, access } = adapters;
const { ledger, history, arrivals, vaultArrivals, giver, grants, notes } = adapters;
const { documents, copies, repairs } = adapters;
const { cleanups, usageIndex, usageScanner } = adapters;
const { caStores, caLedger, caCopies, caArrivals } = adapters;
const vaultNames = new Set(config.vaults.map(({ name }) => name));
const serviceNames = new Set(config.services.map(({ name }) => name));
const { vaultSuffix } = config.cloud;
const { consent, onSuspect, grantAccess: mayGive } = config;
const view = {
  ledger,
  vaults,
  consent,
  services: serviceNames,
  keyCare: config.keyCare,
  vaultSuffix,
  onSuspect,
  grantAccess: mayGive,
  index: usageIndex,
  repairReferences: config.repairReferences,
  holdIfBreaking: config.holdIfBreaking,
};
const writer = vaultWriter;
const observeCa = makeObserveCaTarget({ stores: caStores, caLedger });
const looking = { access, certificates, pushed, vaults, writer, vaultSuffix, now };
const giving = { ...looking, giver, grants, history, consent, grantAccess: mayGive };
const { ownKeys: own, publicCertificates, keySignIn } = adapters;
const keyPorts = {
  applications: adapters.applicationKeys,
  subscriptions: adapters.subscriptionCertificates,
  ...{ own, now },
  pause: (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
};
const changeKeys = makeChangeKeys(keyPorts);
const registering = { change: changeKeys, now, overlapSeconds: config.keyOverlapSeconds };
const observeKeys = makeObserveKeys(keyPorts);
const startOnce = (client: df.DurableClient) => ({ client, arrivals, now });
const { rules: notifyRules, places } = config.notify;
const placeNames = places.map(({ name }) => name);
const publisher = makeEventRouter({
  ...{ publisher: adapters.publisher, notes, rules: notifyRules, places: placeNames, now },
});
const messenger = makeMessenger(adapters.publisher, now);
const metrics = makeMetrics(config.metrics, {
  figures: () => adapters.figures.read(),
  now,
  // eslint-disable-next-line no-console -- outside of an invocation there is no other log
  log: (line) => console.warn(line),
});
app.hook.appStart(() => metrics.start());
app.hook.appTerminate(() => metrics.stop());

const askToTell = async (context: InvocationContext, place: string): Promise<void> => {
  const client = df.getClient(context);
  await requestNotify({ client, arrivals: adapters.placeArrivals, now }, place);
};
/** Has told at once what was posted meanwhile. */
async function tellWaiting(context: InvocationContext): Promise<void> {
  const late = await publisher.askFor((place) => askToTell(context, place));
  if (late.length > 0) context.warn(`notify.later: ${late.join(', ')} could not be asked for now`);
}

/**
 * Registers an activity; those that start orchestrations get a durable client as an extra input, and
 * so do those that publish, since somebody may have to be told.
 */
function activity<Input, Output>(
  contract: Contract<Input, Output>,
  run: (input: Input, context: InvocationContext) => Promise<Output>,
  options: { readonly startsSyncs?: boolean; readonly publishes?: boolean } = {},
): void {
  const { startsSyncs = false, publishes = false } = options;
  const runAndTell: typeof run = (input, context) =>
    run(input, context).finally(() => tellWaiting(context));
  const tells = publishes && notifyRules.length > 0;
  df.app.activity(contract.name, {
    handler: toActivityHandler(contract, tells ? runAndTell : run),
    ...(startsSyncs || tells ? { extraInputs: [df.input.durableClient()] } : {}),
  });
}

df.app.orchestration(syncContracts.SYNC_CERTIFICATE, syncCertificate);
activity(syncContracts.observeSource, makeObserveSource({ ...view, arrivals }));
activity(syncContracts.rereadSource, ({ source }) => vaults.readCurrent(source));
activity(syncContracts.observeTarget, makeObserveTarget({ certificates, pushed, observeCa }));
activity(syncContracts.checkTarget, makeCheckTarget(looking));
activity(syncContracts.attachTarget, makeAttachTarget({ access, certificates, ledger }));
activity(syncContracts.repointTarget, makeRepointTarget({ access, certificates }));
activity(syncContracts.refreshTarget, makeRefreshTarget(certificates));
activity(syncContracts.pushTarget, makePushTarget({ ledger, pushed, vaults, writer }));
activity(syncContracts.identifyTarget, makeIdentifyTarget(vaults));
activity(syncContracts.removeTarget, makeRemoveTarget({ pushed, scanner: usageScanner, ledger }));
activity(syncContracts.diagnoseTarget, makeDiagnoseTarget(looking));
activity(keyContracts.observeKeys, observeKeys);
activity(
  keyContracts.registerKey,
  makeRegisterKey({ ...registering, ledger, certificates: publicCertificates }),
);
activity(keyContracts.withdrawKeys, makeWithdrawKeys(changeKeys));
activity(keyContracts.tendKeys, ({ target }) =>
  tendKeys({ ...registering, certificates: publicCertificates, ledger, history }, target),
);
const repairing = { documents, copies, repairs, history, ledger, certificates, pushed, now };
const scanning = { index: usageIndex, scanner: usageScanner };
activity(
  repairContracts.repairReferences,
  makeRepairReferences({
    ...{ ...repairing, ...scanning, rewrite: rewriteThumbprints },
  }),
);
activity(repairContracts.repairNamedValues, makeRepairNamedValues(repairing));
activity(repairContracts.findBreaking, makeFindBreaking({ ...repairing, ...scanning }));
activity(repairContracts.lookUpReferences, makeLookUpReferences(usageIndex));
activity(syncContracts.recordSync, makeMeasureSync(makeRecordSync(ledger, history), metrics));
activity(syncContracts.publishOutcomes, makePublishOutcomes(publisher), { publishes: true });
activity(syncContracts.closeSync, async ({ source, arrival }) => ({
  again: !(await arrivals.close(source, arrival)),
}));

df.app.orchestration(grantContracts.GRANT_ACCESS, grantAccess);
activity(grantContracts.giveAccess, makeGiveAccess(giving));
activity(grantContracts.publishGrants, makePublishGrants(publisher), { publishes: true });
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
  Promise.resolve({
    vaults: [...vaultNames],
    services: [...serviceNames],
    keyPlaces: keyPlaces(config.keyCare),
  }),
);
activity(
  sweepContracts.surveyService,
  makeSurveyService({ certificates, pushed, ledger, vaults: vaultNames }),
);
activity(
  accessContracts.checkServiceAccess,
  makeCheckServiceAccess({ ...looking, ledger, history, publisher }),
  { publishes: true },
);
const takeBack = makeTakeBack({ giver, grants, history, ledger, now });
const surveyVault = makeSurveyVault({
  ...{ ledger, cleanups, vaults, access, pushed, history, publisher, now },
  repair: config.repairReferences === 'repair',
});
activity(
  sweepContracts.surveyVault,
  (input, context) =>
    surveyVault(input, async (source) => {
      await requestSync(startOnce(df.getClient(context)), source, { fresh: true });
    }),
  { startsSyncs: true, publishes: true },
);

activity(
  cleanupContracts.refreshUsage,
  makeRefreshUsage({ ledger, index: usageIndex, maxAgeSeconds: config.usageMaxAgeSeconds }),
);
activity(
  cleanupContracts.cleanUpService,
  makeCleanUpService({
    ...{ ledger, cleanups, vaults, scanner: usageScanner, pushed, takeBack, history, publisher },
    ...{ policy: config.cleanup, vaultSuffix, now },
  }),
  { publishes: true },
);

df.app.orchestration(accessContracts.CHECK_VAULT_ACCESS, checkVaultAccess);
activity(
  accessContracts.openVaultCheck,
  makeOpenVaultCheck({ arrivals: vaultArrivals, ledger, services: serviceNames }),
);
activity(accessContracts.closeVaultCheck, async ({ vault, arrival }) => ({
  again: !(await vaultArrivals.close(vault, arrival)),
}));

df.app.orchestration(caContracts.UPDATE_CA_STORE, updateCaStore);
activity(caContracts.openCaUpdate, async ({ service }) => ({
  arrival: (await caArrivals.read(service)).number,
}));
activity(
  caContracts.advanceCaUpdate,
  makeAdvanceCaUpdate({
    ...{ stores: caStores, ledger: caLedger, copies: caCopies, now },
    downtime: config.caDowntime,
  }),
);
activity(caContracts.tellCaChanges, makeTellCaChanges({ ledger: caLedger, publisher }), {
  publishes: true,
});
activity(caContracts.closeCaUpdate, async ({ service, arrival }) => ({
  again: !(await caArrivals.close(service, arrival)),
}));

const caUpdater = (client: df.DurableClient): CaUpdater => {
  const request = async (service: string): Promise<void> => {
    await requestCaUpdate({ client, arrivals: caArrivals, now }, service);
  };
  return {
    request,
    ensure: async (service) => {
      if (!(await isLive(client, caUpdateId(service)))) await request(service);
    },
  };
};
const keepingCa = {
  ...{ stores: caStores, caLedger, copies: caCopies, ledger, now },
  certificates: adapters.publicCertificates,
  readCaFile: readCaUpload,
  downtime: config.caDowntime,
  overlapSeconds: config.caOverlapSeconds,
};
const keepCaTarget = makeKeepCaTarget(keepingCa);
const letCaTargetGo = makeLetCaTargetGo(keepingCa);
const surveyCaStore = makeSurveyCaStore(keepingCa);
activity(
  caContracts.keepCaTarget,
  (input, context) => keepCaTarget(input, caUpdater(df.getClient(context))),
  { startsSyncs: true },
);
activity(
  caContracts.letCaTargetGo,
  (input, context) => letCaTargetGo(input, caUpdater(df.getClient(context))),
  { startsSyncs: true },
);
activity(
  caContracts.surveyCaStore,
  (input, context) => surveyCaStore(input, caUpdater(df.getClient(context))),
  { startsSyncs: true },
);

const { auditParts: parts, auditReports: reports, acknowledgements } = adapters;
df.app.orchestration(auditContracts.AUDIT, audit);
activity(
  auditContracts.readVault,
  makeReadVault({ inventories: adapters.vaultInventories, access, parts }),
);
activity(
  auditContracts.readService,
  makeReadService({
    ...{ inventories: adapters.serviceInventories, parts },
    usage: adapters.usageOverview,
  }),
);
activity(auditContracts.noteUnreadable, makeNoteUnreadable({ ...config, parts }));
activity(
  auditContracts.composeAudit,
  makeComposeAudit({
    ...{ parts, reports, acknowledgements, ledger, readReport, vaultSuffix },
    ...{ vaults: config.vaults, services: config.services },
    render: renderReport,
    undelivered: () => adapters.notifyFailures.undelivered(),
    settings: { expiryDays: config.expiryDays },
    publicIssuers,
  }),
);
activity(
  auditContracts.tidyAudits,
  makeTidyAudits({ parts, reports, keepSeconds: config.auditKeepSeconds }),
);
df.app.client.timer('AuditTimer', {
  schedule: config.auditSchedule,
  handler: makeAuditTimer({ findStatus }),
});

df.app.orchestration(notifyContracts.NOTIFY, notify);
const handOverReport = makeHandOverReport({
  ...{ reports, readReport, notes, figures: adapters.figures, places: placeNames },
});
activity(
  notifyContracts.handOverReport,
  (input, context) => handOverReport(input, (place) => askToTell(context, place)),
  { startsSyncs: true },
);
activity(notifyContracts.openNotify, async ({ place }) => ({
  arrival: (await adapters.placeArrivals.read(place)).number,
}));
activity(
  notifyContracts.tellPlace,
  makeTellPlace({
    ...{ messenger, notes, reports, readReport, rules: notifyRules, places, metrics, now },
    publicUrl: config.publicUrl,
  }),
);
activity(notifyContracts.noteUndelivered, async ({ place, problem, at }) => {
  await notes.noteFailure(place, { problem, at });
  return null;
});
activity(notifyContracts.closeNotify, async ({ place, arrival }) => ({
  again: !(await adapters.placeArrivals.close(place, arrival)),
}));

const tellExpiry = makeTellExpiry({ vaults, publisher, now });
const onKeyVaultEvent = makeKeyVaultEvents({
  vaults: vaultNames,
  vaultSuffix,
  requestSync: (source, context) =>
    requestSync(startOnce(df.getClient(context)), source, { fresh: false }),
  requestCheck: (vault, context) =>
    requestVaultCheck({ client: df.getClient(context), arrivals: vaultArrivals, now }, vault),
  tellExpiry: (source, context) => tellExpiry(source).finally(() => tellWaiting(context)),
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
    ...{ ...view, certificates, pushed, observeCa, observeKeys, scanner: usageScanner, now },
    check: makeCheckTarget(looking),
  }),
  checkAccess: (source, target) => findAccess(looking, { source, target }),
  checkKey: makeCheckKey({
    ...keyPorts,
    ...{ certificates: publicCertificates, writer, access, keySignIn },
  }),
  keyCare: config.keyCare,
  management: {
    readCertificate: readPublicCertificate,
    register: (...registered) => registerGivenKey(registering, ...registered),
    withdraw: (source, target) => withdrawKeys(changeKeys, source, target),
    look: async (target) => ({
      entries: await lookAtKeys(keyPorts, target),
      notes: await own.read(target),
    }),
    certificates: publicCertificates,
    renew: renewSelfSigned,
    signIn: makeSignInFor({ access, keySignIn }),
    pause: keyPorts.pause,
  },
  grants: {
    requireConsent: (source, target) => requireConsent({ consent }, { source, target }),
    plan: makePlanAccess(giving),
    takeBack,
  },
  requestSync: (client, source, by) => requestSync(startOnce(client), source, { fresh: true, by }),
  findStatus,
  keyedRequests: adapters.keyedRequests,
  notifications: { messenger, places },
  usage: { index: usageIndex, scanner: usageScanner },
  audits: { reports, acknowledgements },
  repairs: { repairs, undo: makeUndoRepair(repairing) },
  cleanups: {
    ...{ cleanups, vaults, writer, pushed, rules: consent },
    rebind: (cleanup, allowedBy) => rebind(ledger, cleanup, { allowedBy }),
  },
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
    observe: makeLookAtTarget({
      ...{ certificates, pushed, observeCa, observeKeys, vaults, stores: caStores },
    }),
    keyCare: config.keyCare,
    index: usageIndex,
    requireUnused: (target, thumbprints, forced) =>
      requireUnused(usageScanner, target, thumbprints, forced),
    onSuspect,
  },
  ca: {
    ...{ stores: caStores, caLedger, copies: caCopies, rules: consent },
    readCaFile: readCaUpload,
    downtime: config.caDowntime,
    requestUpdate: (client, service) =>
      requestCaUpdate({ client, arrivals: caArrivals, now }, service),
    newId: randomUUID,
  },
  now,
  clock: () => performance.now(),
  authMode: config.auth.mode,
});
const admit = makeAdmit(config.auth);
for (const route of routes) {
  df.app.client.http(route.name, {
    methods: [route.method],
    route: route.path,
    // With entra the platform lets everybody through to the app, which refuses them itself.
    authLevel: config.auth.mode === 'entra' || route.open === true ? 'anonymous' : 'function',
    handler: toHttpHandler(route, admit),
  });
}
