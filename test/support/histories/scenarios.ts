/**
 * Courses of every orchestration, driven on the real engine with activities that answer at once: what
 * is recorded of a release. A course is worth having when it takes a branch that no other takes.
 */
import type { OrchestrationHandler } from 'durable-functions';
import { audit } from '../../../functions/orchestrations/audit.ts';
import { checkVaultAccess } from '../../../functions/orchestrations/check-vault-access.ts';
import { grantAccess } from '../../../functions/orchestrations/grant-access.ts';
import { notify } from '../../../functions/orchestrations/notify.ts';
import { sweep } from '../../../functions/orchestrations/sweep.ts';
import { updateCaStore } from '../../../functions/orchestrations/update-ca-store.ts';
import * as accessContracts from '../../../shared/contracts/access.ts';
import * as auditContracts from '../../../shared/contracts/audit.ts';
import * as caContracts from '../../../shared/contracts/ca.ts';
import * as cleanupContracts from '../../../shared/contracts/cleanup.ts';
import * as grantContracts from '../../../shared/contracts/grant.ts';
import * as keyContracts from '../../../shared/contracts/keys.ts';
import * as notifyContracts from '../../../shared/contracts/notify.ts';
import * as sweepContracts from '../../../shared/contracts/sweep.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import {
  contractActivities,
  type Behaviour,
} from '../../orchestrations/app/contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../orchestration-kit.ts';
import { syncScenarios } from './sync-scenarios.ts';

/** One course; `play` runs it to its end on an engine of its own. */
export interface Scenario {
  readonly orchestration: string;
  /** As a sentence: which course it takes. */
  readonly course: string;
  readonly play: () => Promise<{ readonly kit: OrchestrationKit; readonly instanceId: string }>;
}

const BUSY = { code: 'AZURE_UNAVAILABLE', message: 'Azure did not answer.' } as const;
const REFUSED = { code: 'PERMISSION_MISSING', message: 'no role' } as const;
const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
const KEYS = { kind: 'entra-application', appId: '5eed0000-0000-4000-8000-0000000000a1' };
const FINE = { checked: 2, broken: 0, restored: 0, examples: [] };
const HEADLINE = {
  ...{ health: 'healthy', sentence: 'All 3 certificates are in order.', certificates: 3 },
  ...{ findings: { critical: 0, high: 0, medium: 0, low: 0 }, acknowledged: 0 },
} as const;

const sweeping = (): Behaviour => ({
  ListCare: () => ({
    vaults: ['contoso-kv'],
    services: ['contoso-eu-gw', 'contoso-gw'],
    keyPlaces: [KEYS],
  }),
  SurveyService: () => ({ certificates: 1, discovered: 1, problems: [] }),
  SurveyCaStore: () => ({ doubted: 0 }),
  TendKeys: () => ({ keys: 1, removed: 0, doubted: 0 }),
  SurveyVault: () => ({
    ...{ certificates: 4, syncs: 1, present: 3, softDeleted: 1, orphaned: 1 },
    ...{ orphanedAt: ['contoso-gw'], believed: true, problems: [] },
  }),
  RefreshUsage: () => ({ documents: 0, read: 0, problems: [] }),
  CleanUpService: () => ({ removed: 0, released: 0, kept: 1, problems: [] }),
  CheckServiceAccess: () => FINE,
});
const auditing = (): Behaviour => ({
  ListCare: () => ({ vaults: ['contoso-kv', 'contoso-legacy-kv'], services: ['contoso-gw'] }),
  ReadVault: () => ({}),
  ReadService: () => null,
  NoteUnreadable: () => null,
  ComposeAudit: () => HEADLINE,
  HandOverReport: () => ({ places: 1 }),
  TidyAudits: () => ({ forgotten: 0 }),
});
const telling = (): Behaviour => ({
  HandOverReport: () => ({ places: 1 }),
  OpenNotify: () => ({ arrival: 1 }),
  TellPlace: answers({ sent: 20, more: true }, { sent: 3, more: false }),
  NoteUndelivered: () => null,
  CloseNotify: () => ({ again: false }),
});
const granting = (): Behaviour => ({
  GiveAccess: answers(
    giving({ state: 'more', says: 'Enabling the identity' }),
    giving({ state: 'waiting', says: 'It is being enabled.', afterSeconds: 600 }),
    giving({ state: 'more', says: 'Giving the role' }),
    giving({ state: 'complete' }),
  ),
  PublishGrants: () => null,
  RequestSourceSync: () => ({ id: 'sync-x' }),
});
const checking = (): Behaviour => ({
  OpenVaultCheck: () => ({ arrival: 1, services: ['contoso-eu-gw', 'contoso-gw'] }),
  CheckServiceAccess: () => FINE,
  CloseVaultCheck: () => ({ again: false }),
});
const updating = (): Behaviour => ({
  OpenCaUpdate: () => ({ arrival: 1 }),
  AdvanceCaUpdate: answers(
    { state: 'more', says: 'Reading the store' },
    { state: 'waiting', says: 'Updating: usually 15 to 45 minutes', afterSeconds: 300 },
    { state: 'waiting', says: 'Updating: 5 min so far', afterSeconds: 300 },
    { state: 'ended' },
  ),
  TellCaChanges: () => ({ changes: [] }),
  KeepCaTarget: () => ({ kind: 'absent' }),
  LetCaTargetGo: () => ({ kind: 'absent' }),
  SurveyCaStore: () => ({ doubted: 0 }),
  CloseCaUpdate: () => ({ again: false }),
});

const sweeps = {
  ...{ orchestration: sweepContracts.SWEEP, orchestrator: sweep, instanceId: 'sweep' },
  contracts: [
    ...Object.values(sweepContracts),
    ...Object.values(cleanupContracts),
    ...[caContracts.surveyCaStore, accessContracts.checkServiceAccess, keyContracts.tendKeys],
  ],
};
const audits = {
  ...{ orchestration: auditContracts.AUDIT, orchestrator: audit, instanceId: 'audit' },
  contracts: [
    sweepContracts.listCare,
    notifyContracts.handOverReport,
    ...Object.values(auditContracts),
  ],
};
const notices = {
  ...{ orchestration: notifyContracts.NOTIFY, orchestrator: notify, instanceId: 'notify-x' },
  contracts: Object.values(notifyContracts),
  input: { place: 'teams:ops' },
};
const grants = {
  ...{ orchestration: grantContracts.GRANT_ACCESS, orchestrator: grantAccess },
  instanceId: 'grant-x',
  contracts: Object.values(grantContracts),
  input: {
    source: SOURCE,
    target: { kind: 'client-certificate', service: 'contoso-gw', id: 'gateway-client' },
    by: { kind: 'entra', id: 'p', name: 'Pat' },
  },
};
const checks = {
  ...{ orchestration: accessContracts.CHECK_VAULT_ACCESS, orchestrator: checkVaultAccess },
  instanceId: 'access-contoso-kv',
  contracts: Object.values(accessContracts),
  input: { vault: 'contoso-kv' },
};
const updates = {
  ...{ orchestration: caContracts.UPDATE_CA_STORE, orchestrator: updateCaStore },
  instanceId: 'ca-x',
  contracts: Object.values(caContracts),
  input: { service: 'contoso-gw' },
};

export const scenarios: readonly Scenario[] = [
  ...syncScenarios,
  toScenario(sweeps, 'looks at everything', sweeping),
  toScenario({ ...sweeps, input: { dryRun: true } }, 'as a dry run', sweeping),
  toScenario(sweeps, 'goes on without a service that does not answer', () => ({
    ...sweeping(),
    SurveyService: failing(BUSY),
  })),
  toScenario(audits, 'reads everything and makes a report', auditing),
  toScenario(audits, 'notes a vault that cannot be read', () => ({
    ...auditing(),
    ReadVault: refusing(REFUSED),
  })),
  toScenario(notices, 'tells until there is no more', telling),
  toScenario(notices, 'gives a silent place up and notes it', () => ({
    ...telling(),
    TellPlace: failing(BUSY),
  })),
  toScenario(notices, 'looks again for what came meanwhile', () => ({
    ...telling(),
    CloseNotify: answers({ again: true }, { again: false }),
  })),
  toScenario(grants, 'gives, waits and asks for a sync', granting),
  toScenario(grants, 'ends where Certkeeper itself may not', () => ({
    ...granting(),
    GiveAccess: refusing(REFUSED),
  })),
  toScenario(checks, 'looks twice', checking),
  toScenario(checks, 'looks again for what came meanwhile', () => ({
    ...checking(),
    CloseVaultCheck: answers({ again: true }, { again: false }),
  })),
  toScenario(updates, 'follows an update to its end', updating),
  toScenario(updates, 'ends with what refuses it', () => ({
    ...updating(),
    AdvanceCaUpdate: refusing(REFUSED),
  })),
];

function toScenario(
  of: {
    readonly orchestration: string;
    readonly orchestrator: OrchestrationHandler;
    readonly contracts: readonly unknown[];
    readonly instanceId: string;
    readonly input?: unknown;
  },
  course: string,
  behave: () => Behaviour,
): Scenario {
  const { orchestration, orchestrator, instanceId } = of;
  return {
    ...{ orchestration, course },
    play: async () => {
      const kit = await makeOrchestrationKit({
        orchestrators: { [orchestration]: orchestrator },
        activities: contractActivities(of.contracts, behave()),
        // One at a time, so that answers come in the same order whenever this is recorded.
        settings: { maxConcurrentActivityFunctions: 1 },
      });
      await kit.run(orchestration, of.input ?? '', { instanceId });
      return { kit, instanceId };
    },
  };
}

/** Answers one after the other, the last for ever. */
function answers(...all: readonly unknown[]): Behaviour[string] {
  let at = 0;
  return () => all[Math.min(at++, all.length - 1)];
}

function giving(some: object): object {
  return { kind: 'giving', state: 'complete', given: [], obstacles: [], ...some };
}

function failing(problem: typeof BUSY): Behaviour[string] {
  return () => {
    throw new TransientError(problem);
  };
}

function refusing(problem: typeof REFUSED): Behaviour[string] {
  return () => {
    throw new TerminalError(problem);
  };
}
