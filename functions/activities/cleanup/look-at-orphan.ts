import type { OrphanAt } from './gather-orphans.ts';
import type { CleanUpPorts } from './ports.ts';
import { problemOf } from './problems.ts';
import {
  planCleanup,
  type CleanupFacts,
  type CleanupStep,
  type SourceLook,
  type TargetLook,
  type UsageLook,
} from '../../../shared/domain/plan-cleanup.ts';
import type { ServiceUsage } from '../../../shared/domain/usage-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { isCertificateTarget, type Target } from '../../../shared/domain/target.ts';

/** What uses the certificates of one service; it is read when that is first asked. */
export interface UsageLooks {
  /** What is known without reading. */
  known(target: Target): UsageLook;
  read(): Promise<void>;
  /** Whether it was read so long ago that nothing more is to be removed by it. */
  isOver(): boolean;
}

/** By what was read longer ago nothing is removed. */
const SCAN_COUNTS_FOR_MS = 60_000;

export function makeUsageLook(
  { scanner, now }: Pick<CleanUpPorts, 'scanner' | 'now'>,
  service: string,
): UsageLooks {
  let scan: { readonly usage: ServiceUsage; readonly endedAt: number } | undefined;
  let failure: Extract<UsageLook, { kind: 'unknown' }> | undefined;
  const isOver = (): boolean =>
    scan !== undefined && now().getTime() - scan.endedAt > SCAN_COUNTS_FOR_MS;
  return {
    isOver,
    known(target) {
      if (failure !== undefined) return failure;
      if (scan === undefined || !isCertificateTarget(target)) return { kind: 'unread' };
      if (isOver()) return { kind: 'unread' };
      const { usage } = scan;
      return { kind: 'scanned', asOf: usage.asOf, of: (all) => usage.of(target, all) };
    },
    async read() {
      try {
        scan = { usage: await scanner.scan(service), endedAt: now().getTime() };
      } catch (error) {
        failure = { kind: 'unknown', problem: problemOf(error) };
      }
    },
  };
}

export interface Looking {
  readonly ports: CleanUpPorts;
  /** The vaults that were looked through. */
  readonly vaults: ReadonlySet<string>;
  readonly usage: UsageLooks;
}

/** Looks at an orphan until its plan needs nothing more; every look is taken anew. */
export async function lookAtOrphan(
  { ports, vaults, usage }: Looking,
  { source, record, binding, orphan }: OrphanAt,
): Promise<{
  readonly step: Exclude<CleanupStep, { kind: 'look' }>;
  readonly facts: CleanupFacts;
}> {
  const { target } = binding;
  let facts: CleanupFacts = {
    ...{ orphan, binding, record, policy: ports.policy },
    now: ports.now().toISOString(),
    vaultSeen: vaults.has(source.vault),
    usage: usage.known(target),
    sighting: { kind: 'unread' },
    target: { kind: 'unread' },
  };
  for (;;) {
    const step = planCleanup(facts);
    if (step.kind !== 'look') return { step, facts };
    switch (step.at) {
      case 'usage':
        await usage.read();
        facts = { ...facts, usage: usage.known(target) };
        break;
      case 'source':
        facts = { ...facts, sighting: await sight(ports, source) };
        break;
      case 'target':
        facts = { ...facts, target: await observe(ports, target) };
    }
  }
}

async function sight({ vaults }: CleanUpPorts, source: Source): Promise<SourceLook> {
  try {
    return await vaults.sight(source);
  } catch (error) {
    return { kind: 'unknown', problem: problemOf(error) };
  }
}

async function observe({ pushed }: CleanUpPorts, target: Target): Promise<TargetLook> {
  if (!isCertificateTarget(target)) return { kind: 'absent' };
  try {
    const state = await pushed.observe(target);
    return state.kind === 'recorded' ? { kind: 'absent' } : state;
  } catch (error) {
    const problem = problemOf(error);
    // With the workspace its certificates are gone.
    if (problem.code === 'WORKSPACE_NOT_FOUND') return { kind: 'absent' };
    return { kind: 'unknown', problem };
  }
}
