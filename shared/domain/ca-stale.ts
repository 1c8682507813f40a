import { caKey, entryOf, type CaEntry } from './ca-entry.ts';
import { enqueue, mentions, type CaChange, type CaRecord, type CaUpdate } from './ca-record.ts';

/**
 * What is to be done when Azure took an update that was thought never to have been sent, and of which
 * the record knows nothing any more: it makes the store what it was to be then. What is held and not in
 * it is put back, what was removed since and is in it leaves; where that is so already nothing is done.
 */
export function followStale(record: CaRecord, stale: CaUpdate, now: string): CaRecord {
  const wanted = new Set(stale.wanted.map(caKey));
  const held = new Set(record.held.map(caKey));
  const about = { at: now, by: { kind: 'platform' }, repairs: true } as const;
  const toRepair = (entry: CaEntry, kind: CaChange['kind']): CaChange => ({
    ...entryOf(entry),
    ...{ id: `${stale.id}-${entry.thumbprint.slice(0, 8)}`, kind, ...about },
  });
  const lost = record.held.filter((one) => !wanted.has(caKey(one)));
  const risen = record.done.flatMap(({ change, outcome, at }) =>
    outcome === 'removed' && at >= stale.intendedAt && !held.has(caKey(change)) ? [change] : [],
  );
  const repairs = new Map(
    [
      ...lost.map((one) => toRepair(one, 'add')),
      ...risen.filter((one) => wanted.has(caKey(one))).map((one) => toRepair(one, 'remove')),
    ].map((one) => [caKey(one), one]),
  );
  const unsaid = [...repairs.values()].filter((one) => !mentions(record, one));
  return unsaid.length === 0 ? record : enqueue(record, unsaid);
}
