import { cleanupId } from './cleanup-id.ts';
import type { OrphanAt } from './gather-orphans.ts';
import { problemOf, type Problems } from './problems.ts';
import type { CleanUpPorts } from './ports.ts';
import { markRemoved } from './remove-orphan.ts';
import { tell, toTargetEvent } from '../tell.ts';
import type { Cleanup } from '../../../shared/domain/cleanup.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { formatTarget, type Target } from '../../../shared/domain/target.ts';

export interface GivingUp {
  readonly operation: string;
  /** ISO 8601. */
  readonly at: string;
  readonly problems: Problems;
}

/**
 * Ends a removal: tells it, takes back what nothing needs any more, and gives the binding up. That
 * comes last, so that a run that was cut off anywhere before finds the binding and does it again.
 * @returns false when it could not be told now; the next sweep ends it
 */
export async function endRemoval(
  ports: CleanUpPorts,
  { id, source, target, fate, since, removedAt = since }: Cleanup,
  { operation, problems }: GivingUp,
): Promise<boolean> {
  const event = toTargetEvent(source, target, {
    type: 'Certkeeper.TargetRemoved',
    at: removedAt,
    operation,
    identity: [id],
    data: { cleanup: id, fate, since, removedAt },
  });
  if ((await tell(ports.publisher, [event])) === 'later') {
    problems.add(notTold(target));
    return false;
  }
  await ports.history.add({
    ...{ source, at: removedAt, what: 'clean-up', by: { kind: 'platform' } },
    targets: [{ target: formatTarget(target), outcome: 'removed', reason: 'SourceGone' }],
    detail: `Undo it with POST /api/cleanups/${id}/undo while the source can be recovered.`,
  });
  await takeBackGrants(ports, source, target, problems);
  await ports.ledger.release(source, [target]);
  return true;
}

/**
 * Gives up a binding at whose target nothing of ours is. What a run that was cut off had removed is
 * ended as a removal.
 */
export async function releaseOrphan(
  ports: CleanUpPorts,
  { source, orphan, binding }: OrphanAt,
  reason: 'NotInPlace' | 'NotOurs',
  giving: GivingUp,
): Promise<'removed' | 'released' | 'kept'> {
  const { target } = binding;
  const begun = await ports.cleanups.find(cleanupId(source, target, orphan.since));
  if (begun?.cleanup.status === 'removed' || begun?.cleanup.status === 'intended') {
    if (reason === 'NotInPlace') {
      const removed =
        begun.cleanup.status === 'removed' ? begun.cleanup : await markRemoved(ports, begun);
      if (removed.status !== 'removed') return 'kept';
      return (await endRemoval(ports, removed, giving)) ? 'removed' : 'kept';
    }
    if (begun.cleanup.status === 'intended') {
      await ports.cleanups.replace(begun, { ...begun.cleanup, status: 'given-up' });
    }
  }
  await ports.history.add({
    ...{ source, at: giving.at, what: 'clean-up', by: { kind: 'platform' } },
    targets: [{ target: formatTarget(target), outcome: 'released', reason }],
  });
  await takeBackGrants(ports, source, target, giving.problems);
  await ports.ledger.release(source, [target]);
  return 'released';
}

/** What Certkeeper gave the service for it, unless another binding needs it. Holds up nothing. */
async function takeBackGrants(
  { takeBack }: CleanUpPorts,
  source: Cleanup['source'],
  target: Target,
  problems: Problems,
): Promise<void> {
  if (target.kind !== 'client-certificate') return;
  try {
    await takeBack({ source, target, by: { kind: 'platform' }, dryRun: false });
  } catch (error) {
    const problem = problemOf(error);
    if (problem.code !== 'GRANT_IN_USE') problems.add(problem);
  }
}

function notTold(target: Target): Problem {
  const path = formatTarget(target);
  return {
    code: 'AZURE_UNAVAILABLE',
    message: `${path} was removed, and the event about it could not be published now.`,
    resource: path,
    cure: 'Nothing to do: the next sweep tells it, and gives the binding up then.',
  };
}
