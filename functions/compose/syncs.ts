import * as df from 'durable-functions';
import * as keyContracts from '../../shared/contracts/keys.ts';
import * as repairContracts from '../../shared/contracts/repair.ts';
import * as contracts from '../../shared/contracts/sync.ts';
import { rewriteThumbprints } from '../../shared/policies/rewrite-policy.ts';
import { makeAttachTarget } from '../activities/attach-target.ts';
import {
  makeObserveTarget,
  makeRefreshTarget,
  makeRepointTarget,
} from '../activities/change-target.ts';
import { makeCheckTarget } from '../activities/check-target.ts';
import { makeDiagnoseTarget } from '../activities/diagnose-target.ts';
import { makeIdentifyTarget } from '../activities/identify-target.ts';
import { makeRegisterKey, makeWithdrawKeys } from '../activities/keys/at-target.ts';
import { tendKeys } from '../activities/keys/tend-keys.ts';
import { makeMeasureSync } from '../activities/measure-sync.ts';
import { makeObserveSource } from '../activities/observe-source.ts';
import { makePublishOutcomes } from '../activities/publish-outcomes.ts';
import { makePushTarget } from '../activities/push-target.ts';
import { makeRecordSync } from '../activities/record-sync.ts';
import { makeRemoveTarget } from '../activities/remove-target.ts';
import { makeFindBreaking } from '../activities/repairs/find-references.ts';
import { makeLookUpReferences } from '../activities/repairs/note-breaking.ts';
import { makeRepairNamedValues } from '../activities/repairs/repair-named-values.ts';
import { makeRepairReferences } from '../activities/repairs/repair-references.ts';
import { syncCertificate } from '../orchestrations/sync-certificate.ts';
import type { RegisterActivity } from './register-activity.ts';
import type { World } from './world.ts';

/** The sync of a source, with its steps at every kind of target. */
export function registerSyncs(world: World, activity: RegisterActivity): void {
  const { adapters, view, looking, observeCa } = world;
  const { access, arrivals, certificates, history, ledger, pushed, vaults } = adapters;
  const { vaultWriter: writer, usageScanner: scanner } = adapters;

  df.app.orchestration(contracts.SYNC_CERTIFICATE, syncCertificate);
  activity(contracts.observeSource, makeObserveSource({ ...view, arrivals }));
  activity(contracts.rereadSource, ({ source }) => vaults.readCurrent(source));
  activity(contracts.observeTarget, makeObserveTarget({ certificates, pushed, observeCa }));
  activity(contracts.checkTarget, makeCheckTarget(looking));
  activity(contracts.attachTarget, makeAttachTarget({ access, certificates, ledger }));
  activity(contracts.repointTarget, makeRepointTarget({ access, certificates }));
  activity(contracts.refreshTarget, makeRefreshTarget(certificates));
  activity(contracts.pushTarget, makePushTarget({ ledger, pushed, vaults, writer }));
  activity(contracts.identifyTarget, makeIdentifyTarget(vaults));
  activity(contracts.removeTarget, makeRemoveTarget({ pushed, scanner, ledger }));
  activity(contracts.diagnoseTarget, makeDiagnoseTarget(looking));
  registerKeys(world, activity);
  registerRepairs(world, activity);
  activity(contracts.recordSync, makeMeasureSync(makeRecordSync(ledger, history), world.metrics));
  activity(contracts.publishOutcomes, makePublishOutcomes(world.publisher), { publishes: true });
  activity(contracts.closeSync, async ({ source, arrival }) => ({
    again: !(await arrivals.close(source, arrival)),
  }));
}

function registerKeys(
  { adapters, observeKeys, registering, changeKeys }: World,
  activity: RegisterActivity,
): void {
  const { history, ledger, publicCertificates: certificates } = adapters;
  activity(keyContracts.observeKeys, observeKeys);
  activity(keyContracts.registerKey, makeRegisterKey({ ...registering, ledger, certificates }));
  activity(keyContracts.withdrawKeys, makeWithdrawKeys(changeKeys));
  activity(keyContracts.tendKeys, ({ target }) =>
    tendKeys({ ...registering, certificates, ledger, history }, target),
  );
}

function registerRepairs({ adapters, repairing }: World, activity: RegisterActivity): void {
  const { usageIndex: index, usageScanner: scanner } = adapters;
  activity(
    repairContracts.repairReferences,
    makeRepairReferences({ ...repairing, index, scanner, rewrite: rewriteThumbprints }),
  );
  activity(repairContracts.repairNamedValues, makeRepairNamedValues(repairing));
  activity(repairContracts.findBreaking, makeFindBreaking({ ...repairing, scanner }));
  activity(repairContracts.lookUpReferences, makeLookUpReferences(index));
}
