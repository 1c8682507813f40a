import { problemOf, type Problems } from './problems.ts';
import { rebind } from './rebind.ts';
import { tell, toTargetEvent } from '../tell.ts';
import type { OpenCleanup, Orphan } from '../../../shared/domain/cleanup.ts';
import type { Cleanups, StoredCleanup } from '../../../shared/domain/cleanup-ports.ts';
import type { OutcomePublisher } from '../../../shared/domain/event-ports.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { PushedCertificates } from '../../../shared/domain/target-ports.ts';
import type { ListedSource } from '../../../shared/domain/vault-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { formatTarget, type Target } from '../../../shared/domain/target.ts';

export interface ComeBackPorts {
  readonly ledger: Pick<
    Ledger,
    'binding' | 'clearOrphans' | 'release' | 'saveBinding' | 'saveOrphans'
  >;
  readonly cleanups: Pick<Cleanups, 'findOpen' | 'replace'>;
  readonly pushed: Pick<PushedCertificates, 'observe'>;
  readonly history: Pick<History, 'add'>;
  readonly publisher: OutcomePublisher;
}

interface When {
  readonly operation: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Takes targets up again whose source is back: they are orphans no longer. That is written down before
 * it is told, so that a deletion after it counts from then on; what could not be told is told by the
 * next look, unless the source is gone again.
 * @returns how many there were
 */
export async function recover(
  { ledger, history, publisher }: ComeBackPorts,
  source: Source,
  orphans: readonly Orphan[],
  when: When,
): Promise<number> {
  if (orphans.length === 0) return 0;
  const news = orphans.filter(({ backAt }) => backAt === undefined);
  await ledger.saveOrphans(
    source,
    news.map((orphan) => ({ ...orphan, backAt: when.at })),
  );
  const told = orphans.filter((orphan) => orphan.told);
  const events = told.map(({ target, since }) => recovered(source, target, since, when));
  if ((await tell(publisher, events)) === 'later') return news.length;
  await history.add({
    ...{ source, at: when.at, what: 'orphan', by: { kind: 'platform' } },
    targets: orphans.map(({ target }) => toHistory(target, 'recovered')),
  });
  await ledger.clearOrphans(
    source,
    orphans.map(({ target }) => target),
  );
  return news.length;
}

/**
 * Undoes the removals of a source that is back: their bindings are put back as asked for, and the
 * sync that follows installs what may be installed. One that was cut off in the middle is looked at:
 * where the target is still there, nothing has to be undone.
 * @returns the targets that are asked for again
 */
export async function undoRemovals(
  ports: ComeBackPorts,
  tags: ListedSource['tags'],
  removals: readonly OpenCleanup[],
  when: When,
  problems: Problems,
): Promise<readonly Target[]> {
  const undone: Target[] = [];
  for (const open of removals) {
    try {
      const stored = await ports.cleanups.findOpen(open);
      if (stored === undefined) continue;
      if (await undoRemoval(ports, stored, { ...when, tags })) undone.push(stored.cleanup.target);
    } catch (error) {
      problems.add(problemOf(error));
    }
  }
  return undone;
}

async function undoRemoval(
  { ledger, cleanups, pushed, history, publisher }: ComeBackPorts,
  stored: StoredCleanup,
  when: When & Pick<ListedSource, 'tags'>,
): Promise<boolean> {
  const { cleanup } = stored;
  const { source, target, since } = cleanup;
  if (cleanup.status === 'intended' && (await pushed.observe(target)).kind !== 'absent') {
    await cleanups.replace(stored, { ...cleanup, status: 'given-up' });
    return false;
  }
  await rebind(ledger, cleanup, { tags: when.tags });
  // It is synced at once; the next survey finds the removal open still, and tells it then.
  if ((await tell(publisher, [recovered(source, target, since, when)])) === 'later') return true;
  const by = { kind: 'platform' } as const;
  await history.add({
    ...{ source, at: when.at, what: 'undo', by },
    targets: [toHistory(target, 'rebound')],
  });
  return await cleanups.replace(stored, {
    ...cleanup,
    status: 'undone',
    undoneAt: when.at,
    undoneBy: by,
  });
}

function recovered(source: Source, target: Target, since: string, { at, operation }: When) {
  return toTargetEvent(source, target, {
    type: 'Certkeeper.TargetRecovered',
    at,
    operation,
    identity: [since],
    data: { since },
  });
}

function toHistory(target: Target, outcome: string) {
  return { target: formatTarget(target), outcome, reason: 'SourceBack' };
}
