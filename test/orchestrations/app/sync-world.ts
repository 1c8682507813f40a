/**
 * A small world behind the sync's activities: one vault, some targets, a ledger's worth of
 * bindings. Each activity answers what the real one would; tests bend single ones.
 */
import { keepCaTarget, letCaTargetGo } from '../../../shared/contracts/ca.ts';
import * as grantContracts from '../../../shared/contracts/grant.ts';
import * as repairContracts from '../../../shared/contracts/repair.ts';
import * as contracts from '../../../shared/contracts/sync.ts';
import { syncCertificate } from '../../../functions/orchestrations/sync-certificate.ts';
import type { SyncResult } from '../../../shared/contracts/sync.ts';
import type { ReferencePolicy } from '../../../shared/domain/breaking-plan.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import type { Yardstick } from '../../../shared/domain/suspect.ts';
import { NO_TRIES } from '../../../shared/domain/target-state.ts';
import type { Work } from '../../../shared/domain/work.ts';
import { contractActivities, type Behaviour } from './contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';

export const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
export const SUFFIX = 'vault.azure.net';

/** A thumbprint for a version number: forty hex digits. */
export const thumb = (version: number): string =>
  version.toString(16).toUpperCase().padStart(40, '0');

export const observed = (version: number, enabled = true): SourceObservation => ({
  kind: 'present',
  current: {
    version: `v${String(version)}`,
    thumbprint: thumb(version),
    enabled,
    createdAt: '2026-01-01T00:00:00.000Z',
    tags: {},
  },
});

export const installed = (version: number, pinned = false): TargetState => ({
  kind: 'present',
  installed: {
    reference: {
      kind: 'key-vault',
      secret: {
        source: SOURCE,
        collection: 'secrets',
        ...(pinned ? { version: `v${String(version)}` } : {}),
      },
    },
    thumbprint: thumb(version),
    etag: '"1"',
  },
});

/** What lies in a workspace: uploaded, and by whom nobody can tell. */
export const uploaded = (version: number, etag = '"1"'): TargetState => ({
  kind: 'present',
  installed: { reference: { kind: 'uploaded' }, thumbprint: thumb(version), etag },
});

/** The answer to a push that landed. */
export const pushed = (version: number): TargetState => ({
  kind: 'present',
  installed: {
    reference: { kind: 'uploaded' },
    thumbprint: thumb(version),
    etag: `"${String(version)}"`,
    pushedVersion: `v${String(version)}`,
  },
});

/** A store of CA certificates that lists a version for the source. */
export const storeLists = (version: number, landed = false): TargetState => ({
  kind: 'present',
  installed: {
    reference: { kind: 'uploaded', ofSource: true },
    thumbprint: thumb(version),
    ...(landed ? { pushedVersion: `v${String(version)}` } : {}),
  },
});

/** Bound to a store of CA certificates, which held this version when it was verified. */
export const boundInStore = (at: number, more: Partial<Work> = {}): Work => ({
  ...bound('', at),
  target: { kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' },
  standing: { kind: 'bound', origin: 'tag' },
  pushedThumbprint: thumb(at),
  ...more,
});

export const boundInWorkspace = (id: string, at: number, more: Partial<Work> = {}): Work => ({
  ...bound(id, at),
  target: { kind: 'workspace-certificate', service: 'contoso-gw', workspace: 'team-a', id },
  standing: { kind: 'bound', origin: 'tag' },
  state: { kind: 'recorded', thumbprint: thumb(at), etag: `"${String(at)}"` },
  pushedThumbprint: thumb(at),
  ...more,
});

export const bound = (id: string, at: number, more: Partial<Work> = {}): Work => ({
  target: { kind: 'client-certificate', service: 'contoso-gw', id },
  standing: { kind: 'bound', origin: 'discovered' },
  consented: false,
  configured: true,
  state: { kind: 'recorded', thumbprint: thumb(at) },
  tries: NO_TRIES,
  previousThumbprint: thumb(at),
  ...more,
});

export const REFUSAL: Problem = { code: 'AZURE_REFUSED', message: 'Azure refused.' };

/** The check before an attach finds nothing in the way. */
export const CLEAR: contracts.CheckedTarget = {
  kind: 'checked',
  blocked: false,
  doubtful: false,
  findings: [],
  identity: { kind: 'system-assigned' },
};

/** Asked for by a tag, allowed, and not there yet. */
export const wanted = (id: string): Work =>
  bound(id, 0, { standing: { kind: 'asked' }, consented: true, state: { kind: 'unread' } });

/** What the world holds; activities read and change it. */
export interface SyncWorld {
  observation: SourceObservation;
  work: readonly Work[];
  problems: readonly Problem[];
  told: readonly string[];
  yardstick: Yardstick | undefined;
  asked: 'nothing' | 'ignore' | 'unbind' | 'targets';
  by?: RequestedBy;
  grantAccess?: 'auto';
  references?: ReferencePolicy;
  /** The desk: arrivals so far. */
  arrivals: number;
  closed: number;
}

/** Runs a sync against a world; `bend` replaces single activities by name. */
export async function syncAgainst(
  some: Partial<SyncWorld>,
  bend: Behaviour = {},
): Promise<{
  result: SyncResult;
  status: string;
  calls: readonly { name: string; input: unknown; at: string }[];
  statuses: readonly unknown[];
  world: SyncWorld;
  kit: OrchestrationKit;
}> {
  const world: SyncWorld = {
    observation: observed(2),
    work: [bound('gateway-client', 1)],
    problems: [],
    told: [],
    yardstick: undefined,
    asked: 'nothing',
    arrivals: 1,
    closed: 0,
    ...some,
  };
  const usual: Record<string, (input: never) => unknown> = {
    ObserveSource: () => ({
      arrival: world.arrivals,
      ...(world.by === undefined ? {} : { by: world.by }),
      observation: world.observation,
      asked: world.asked,
      work: world.work,
      problems: world.problems,
      told: world.told,
      ...(world.yardstick === undefined ? {} : { yardstick: world.yardstick }),
      ...(world.grantAccess === undefined ? {} : { grantAccess: world.grantAccess }),
      ...(world.references === undefined ? {} : { references: world.references }),
      vaultSuffix: SUFFIX,
    }),
    RereadSource: () => world.observation,
    ObserveTarget: () => installed(1),
    CheckTarget: () => CLEAR,
    AttachTarget: () => currentOf(world),
    RepointTarget: () => currentOf(world),
    RefreshTarget: () => currentOf(world),
    RemoveTarget: () => ({ kind: 'absent' }),
    PushTarget: () => pushed(currentNumber(world)),
    IdentifyTarget: ({ installed }: { installed: object }) => ({
      kind: 'present',
      installed: { ...installed, reference: { kind: 'uploaded', ofSource: true } },
    }),
    DiagnoseTarget: ({ refusal }: { refusal: Problem }) => [refusal],
    GiveAccess: () => ({ kind: 'giving', state: 'withheld', given: [], obstacles: [] }),
    PublishGrants: () => null,
    RequestSourceSync: () => ({ id: 'sync-test' }),
    FindBreaking: () => ({ kind: 'scanned', repairable: false, namedValues: false }),
    LookUpReferences: () => ({ kind: 'looked-up' }),
    RepairReferences: () => ({ kind: 'repaired', documents: [], problems: [] }),
    RepairNamedValues: () => ({ kind: 'repaired', documents: [], problems: [] }),
    KeepCaTarget: () => storeLists(currentNumber(world), true),
    LetCaTargetGo: () => ({ kind: 'absent' }),
    RecordSync: () => null,
    PublishOutcomes: () => null,
    CloseSync: ({ arrival }: { arrival: number | 'last' }) => {
      const answered = arrival === 'last' ? world.arrivals : arrival;
      if (world.arrivals > answered) return { again: true };
      world.closed = answered;
      return { again: false };
    },
  };
  const activities = contractActivities(
    [
      ...Object.values(contracts),
      ...Object.values(grantContracts),
      ...Object.values(repairContracts),
      ...[keepCaTarget, letCaTargetGo],
    ],
    { ...usual, ...bend },
  );
  const kit = await makeOrchestrationKit({
    orchestrators: { SyncCertificate: syncCertificate },
    activities,
  });
  const run = await kit.run('SyncCertificate', { source: SOURCE }, { instanceId: 'sync-test' });
  return {
    result: run.output as SyncResult,
    status: run.status,
    calls: run.calls,
    statuses: run.customStatuses,
    world,
    kit,
  };
}

/** The names of the calls that reach Azure, in order. */
export function azureCalls(calls: readonly { name: string }[]): string[] {
  const reach =
    /^(ObserveSource|RereadSource|ObserveTarget|CheckTarget|AttachTarget|RepointTarget|RefreshTarget|RemoveTarget|PushTarget|IdentifyTarget|DiagnoseTarget|FindBreaking|LookUpReferences|RepairReferences|RepairNamedValues)$/;
  return calls.map(({ name }) => name).filter((name) => reach.test(name));
}

function currentOf(world: SyncWorld): TargetState {
  return installed(currentNumber(world));
}

function currentNumber({ observation }: SyncWorld): number {
  if (observation.kind !== 'present') throw new Error('nothing to install');
  return Number(observation.current.version.slice(1));
}
