import { cleanupId } from './cleanup-id.ts';
import type { OrphanAt } from './gather-orphans.ts';
import type { CleanUpPorts } from './ports.ts';
import type { Cleanup } from '../../../shared/domain/cleanup.ts';
import { refused } from '../../../shared/domain/cleanup-words.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { CleanupFacts, CleanupStep } from '../../../shared/domain/plan-cleanup.ts';
import type { StoredCleanup } from '../../../shared/domain/cleanup-ports.ts';
import { isCertificateTarget } from '../../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../../shared/domain/target-state.ts';

export type Removal =
  | { readonly kind: 'removed'; readonly cleanup: Cleanup }
  /** It is no longer what was seen: look again. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'kept'; readonly problem: Problem };

/** Runs that intend the same at once: two, or three. */
const MOST_TRIES = 5;

/**
 * Removes a target as it was planned, bound to the ETag of the plan. It is written down before and
 * after: whoever comes after a crash finds what was intended, and whether the target is still there
 * tells how far it came.
 */
export async function removeOrphan(
  ports: CleanUpPorts,
  { source, orphan, binding }: OrphanAt,
  step: Extract<CleanupStep, { kind: 'remove' }>,
  facts: Pick<CleanupFacts, 'sighting' | 'usage'> & { readonly operation: string },
): Promise<Removal> {
  const { target } = binding;
  if (!isCertificateTarget(target)) return { kind: 'changed' };
  const { sighting, usage } = facts;
  const now = ports.now().toISOString();
  const intended: Cleanup = {
    id: cleanupId(source, target, orphan.since),
    ...{ source, target, status: 'intended', fate: orphan.fate, since: orphan.since, at: now },
    operation: facts.operation,
    binding: {
      origin: binding.origin,
      ...(binding.allowedBy === undefined ? {} : { allowedBy: binding.allowedBy }),
    },
    installed: toInstalled(step, ports.vaultSuffix),
    ...(sighting.kind === 'soft-deleted' ? { tags: sighting.tags } : {}),
    ...(orphan.recoverableUntil === undefined || orphan.fate === 'purged'
      ? {}
      : { recoverableUntil: orphan.recoverableUntil }),
    scannedAt: usage.kind === 'scanned' ? usage.asOf : now,
  };
  const stored = await writeDown(ports, intended);
  if (stored === undefined) return { kind: 'changed' };
  try {
    await ports.pushed.remove(target, step.etag);
  } catch (error) {
    // Whether it is gone is not known: the intention stays, and the next look tells.
    if (error instanceof TransientError) return { kind: 'kept', problem: error.problem };
    if (!(error instanceof TerminalError)) throw error;
    const { problem } = error;
    if (problem.code === 'TARGET_CHANGED') return { kind: 'changed' };
    await ports.cleanups.replace(stored, { ...intended, status: 'given-up' });
    // What it answers about a certificate in use is not documented; its words say it.
    const why =
      problem.code === 'AZURE_REFUSED'
        ? refused(target, problem, 'the next sweep tries again.')
        : problem;
    return { kind: 'kept', problem: why };
  }
  const removed = await markRemoved(ports, { ...stored, cleanup: intended });
  // The source is back, and so is its binding.
  if (removed.status !== 'removed') return { kind: 'changed' };
  return { kind: 'removed', cleanup: removed };
}

/**
 * Says of an intention that it is done; by whom ever that was said first. Another run that intends
 * the same may have written it down again meanwhile, or have found the source back and undone it.
 */
export async function markRemoved(
  { cleanups, now }: Pick<CleanUpPorts, 'cleanups' | 'now'>,
  stored: StoredCleanup,
): Promise<Cleanup> {
  const done = { status: 'removed', removedAt: now().toISOString() } as const;
  let last: StoredCleanup | undefined = stored;
  for (let tries = 0; tries < MOST_TRIES && last !== undefined; tries += 1) {
    const { status } = last.cleanup;
    if (status === 'removed' || status === 'undone') break;
    const removed: Cleanup = { ...last.cleanup, ...done };
    if (await cleanups.replace(last, removed)) return removed;
    last = await cleanups.find(removed.id);
  }
  return { ...done, ...(last ?? stored).cleanup };
}

/** Undefined = somebody else is at it at this moment. */
async function writeDown(
  { cleanups }: Pick<CleanUpPorts, 'cleanups'>,
  intended: Cleanup,
): Promise<StoredCleanup | undefined> {
  const before = await cleanups.find(intended.id);
  const written =
    before === undefined ? await cleanups.add(intended) : await cleanups.replace(before, intended);
  return written ? await cleanups.find(intended.id) : undefined;
}

function toInstalled(
  { etag, installed }: { readonly etag: string; readonly installed: InstalledCertificate },
  vaultSuffix: string,
): Cleanup['installed'] {
  const { reference, thumbprint } = installed;
  const held = { ...(thumbprint === undefined ? {} : { thumbprint }), etag };
  if (reference.kind !== 'key-vault') return held;
  const { source, collection, version } = reference.secret;
  const address = `https://${source.vault}.${vaultSuffix}/${collection}/${source.name}`;
  return {
    secretIdentifier: version === undefined ? address : `${address}/${version}`,
    ...(reference.identityClientId === undefined
      ? {}
      : { identityClientId: reference.identityClientId }),
    ...held,
  };
}
