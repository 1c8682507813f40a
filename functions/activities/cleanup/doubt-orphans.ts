import type { OrphanAt } from './gather-orphans.ts';
import type { CleanUpPorts } from './ports.ts';
import { tell, toEvent } from '../tell.ts';
import type { Orphan } from '../../../shared/domain/cleanup.ts';
import { doubtedService } from '../../../shared/domain/cleanup-words.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { findDoubted, isRecent, yesterdayOf } from '../../../shared/domain/orphans.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

/** An event names no more targets than these. */
const MOST_NAMED = 50;

/**
 * Doubts the orphans of a service where too many began within a day, and lets go of doubts that
 * somebody has answered. Each is judged at least once, however late that is. A doubt is written before
 * it is told: what could not be told is told by the next sweep, and keeps everything in its place
 * meanwhile. A dry run writes and tells nothing.
 *
 * @returns the orphans as they are now, and the finding as long as any is doubted
 */
export async function doubtOrphans(
  ports: CleanUpPorts,
  service: string,
  gathered: { readonly orphans: readonly OrphanAt[]; readonly bound: number },
  when: { readonly operation: string; readonly at: string; readonly dryRun: boolean },
): Promise<{ readonly orphans: readonly OrphanAt[]; readonly finding?: Problem }> {
  const confirmedAt = (await ports.cleanups.confirmed(service))?.at;
  const begun = await findBegun(ports, service, gathered, confirmedAt);
  const judged = gathered.orphans.map((one) => {
    const { orphan } = one;
    const answered = confirmedAt !== undefined && orphan.since <= confirmedAt;
    const isDoubted = !answered && (orphan.doubted !== undefined || begun.has(one.key));
    return { ...one, orphan: withDoubt(orphan, isDoubted) };
  });
  // All the doubts are written before one is called judged: who is cut off in between judges the same.
  const orphans = judged.map((one) =>
    one.orphan.judged === true ? one : { ...one, orphan: { ...one.orphan, judged: true as const } },
  );
  if (!when.dryRun) {
    await save(ports, changed(judged, gathered.orphans));
    await save(ports, changed(orphans, judged));
  }
  const doubted = orphans.filter(({ orphan }) => orphan.doubted !== undefined);
  if (doubted.length === 0) return { orphans };
  const finding = doubtedService(service, doubted.length, gathered.bound);
  const news = doubted.filter(({ orphan }) => orphan.doubted?.told === false);
  if (when.dryRun || news.length === 0) return { orphans, finding };
  const keys = new Set(news.map(({ key }) => key));
  const event = toEvent(service, {
    ...{ type: 'Certkeeper.OrphansDoubted', at: when.at, operation: when.operation },
    identity: news.map(({ key, orphan }) => [key, orphan.since]),
    data: {
      service,
      problem: finding,
      orphans: news.slice(0, MOST_NAMED).map(({ source, orphan }) => ({
        source: formatSource(source),
        target: formatTarget(orphan.target),
        since: orphan.since,
      })),
    },
  });
  if ((await tell(ports.publisher, [event])) !== 'told') return { orphans, finding };
  const told = orphans.map((one) =>
    keys.has(one.key) ? { ...one, orphan: { ...one.orphan, doubted: { told: true } } } : one,
  );
  await save(
    ports,
    told.filter(({ key }) => keys.has(key)),
  );
  return { orphans: told, finding };
}

async function findBegun(
  { cleanups, policy, now }: CleanUpPorts,
  service: string,
  { orphans, bound }: { readonly orphans: readonly OrphanAt[]; readonly bound: number },
  confirmedAt: string | undefined,
): Promise<ReadonlySet<string>> {
  const facts = { bound, maxShare: policy.maxShare, confirmedAt, now: now().toISOString() };
  const candidates = orphans.map(({ key, orphan }) => ({ ...orphan, key }));
  // Without an orphan of this day there is nothing to doubt, whatever was removed.
  if (!candidates.some((one) => isRecent(one, facts.now))) return new Set();
  const removals = await cleanups.recentAt(service, yesterdayOf(facts.now));
  return new Set(findDoubted({ ...facts, orphans: candidates, removals }).map(({ key }) => key));
}

function withDoubt(orphan: Orphan, isDoubted: boolean): Orphan {
  if (isDoubted)
    return orphan.doubted === undefined ? { ...orphan, doubted: { told: false } } : orphan;
  if (orphan.doubted === undefined) return orphan;
  const { doubted: _, ...rest } = orphan;
  return rest;
}

/** Those whose row is another one than it was; in the same order. */
function changed(now: readonly OrphanAt[], before: readonly OrphanAt[]): readonly OrphanAt[] {
  return now.filter(({ orphan }, index) => orphan !== before[index]?.orphan);
}

async function save({ ledger }: CleanUpPorts, some: readonly OrphanAt[]): Promise<void> {
  for (const { source, orphan } of some) await ledger.saveOrphans(source, [orphan]);
}
