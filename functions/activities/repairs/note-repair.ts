import type { RepairCourse } from './carry-out.ts';
import type { History } from '../../../shared/domain/ledger-ports.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

const NAMED_IN_A_SENTENCE = 5;

/** Adds a repair to its source's history. Added again it is the same entry. */
export async function noteRepair(
  history: Pick<History, 'add'>,
  { source, target, by, at }: RepairCourse,
  documents: readonly string[],
  to: 'id' | 'thumbprint',
): Promise<void> {
  const named = documents.slice(0, NAMED_IN_A_SENTENCE).join(', ');
  const more = documents.length - NAMED_IN_A_SENTENCE;
  const all = more > 0 ? `${named} and ${String(more)} more` : named;
  await history.add({
    source,
    at,
    what: 'repair',
    by,
    targets: [
      { target: formatTarget(target), outcome: 'repaired', reason: 'ReferredByThumbprint' },
    ],
    detail:
      to === 'id'
        ? `They referred by thumbprint and refer by the id now: ${all}.`
        : `They held the old thumbprint and hold the new one now: ${all}.`,
  });
}
