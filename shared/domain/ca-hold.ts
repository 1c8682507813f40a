/**
 * For whose sake a certificate of Key Vault stands in a store: pure changes of a service's record.
 * A source holds the entry of its current version without end, and those of earlier versions until
 * their overlap is over.
 */
import { caKey, CA_LIMIT, entryOf, type CaEntry, type CaPlace } from './ca-entry.ts';
import { limitReached } from './ca-plan.ts';
import {
  addHolder,
  comingTo,
  enqueue,
  holdersOf,
  isSameHolder,
  mentions,
  placesToCome,
  withHolders,
  withoutRemoval,
  type CaChange,
  type CaHolder,
  type CaRecord,
} from './ca-record.ts';
import { withoutHolder } from './ca-settle.ts';
import { TerminalError, type Problem } from './errors.ts';
import { formatSource, type Source } from './source.ts';

/** Who asks, and when. */
export interface CaAsk {
  readonly service: string;
  readonly source: Source;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** How long earlier versions stay; 0 = they leave with the update that brings the next one. */
  readonly overlapSeconds: number;
  /** Makes the id of a change of a place; the same for each call of one course. */
  readonly idOf: (place: CaPlace) => string;
}

/**
 * Asks for an entry that is not there, unless somebody else has asked for it: then that is waited for,
 * and it is held afterwards. What an earlier version asked for and has not been sent is withdrawn.
 * Without an overlap the entries of earlier versions leave in the same update.
 *
 * Thrown when the service could not hold it: TerminalError `CA_LIMIT_REACHED`.
 */
export function askForCa(
  record: CaRecord,
  entry: CaEntry,
  ask: CaAsk,
  present: readonly CaPlace[],
): CaRecord {
  const by = { kind: 'platform' } as const;
  const { service, source, at, idOf, overlapSeconds } = ask;
  const change: CaChange = { ...entry, id: idOf(entry), kind: 'add', at, by, source };
  let next = withdraw(record, ask, entry);
  if (comingTo(next, entry)?.kind === 'add') return next;
  next = enqueue(next, [change]);
  if (overlapSeconds === 0) {
    const leaving = earlierOf(next, ask, entry).filter(({ holders }) => holders.length === 1);
    const key = caKey(entry);
    next = enqueue(
      next,
      leaving.map((one) => toRemoval(one, ask, key)),
    );
  }
  const places = placesToCome(present, next);
  if (places.size > CA_LIMIT) throw new TerminalError(limitReached(service, places.size));
  return next;
}

/**
 * Writes down that an entry which is there, and is not leaving, is the source's current one; a removal
 * that waits is taken back. One that nobody is known to have put there is others' too. Entries of
 * earlier versions get their end.
 */
export function holdCa(record: CaRecord, entry: CaEntry, ask: CaAsk): CaRecord {
  const { source, at, overlapSeconds } = ask;
  const before = holdersOf(record, entry);
  const mine = before.find((one) => isSameHolder(one, { kind: 'source', source, at }));
  const others: readonly CaHolder[] = before.length === 0 ? [{ kind: 'others' }] : before;
  let next = withoutRemoval(record, entry);
  if (mine?.kind !== 'source' || mine.until !== undefined) {
    next = withHolders(next, entry, addHolder(others, { kind: 'source', source, at }));
  }
  for (const { holders, ...earlier } of earlierOf(next, ask, entry)) {
    const left = withoutHolder(holders, { kind: 'source', source, at });
    if (overlapSeconds > 0) {
      const until = endOf(earlier, at, overlapSeconds);
      next = withHolders(next, earlier, [...left, { kind: 'source', source, at, until }]);
    } else if (left.length > 0) next = withHolders(next, earlier, left);
    else if (!mentions(next, earlier)) next = enqueue(next, [toRemoval(earlier, ask)]);
  }
  return next;
}

/** Gives up everything that a source holds in a store; what nobody else holds is to leave. */
export function letCaGo(record: CaRecord, store: CaPlace['store'], ask: CaAsk): CaRecord {
  const { source, at } = ask;
  const holder = { kind: 'source', source, at } as const;
  let next = withdraw(record, ask, { store, thumbprint: '' });
  for (const { holders, ...entry } of record.held) {
    if (entry.store !== store || !holders.some((one) => isSameHolder(one, holder))) continue;
    const left = withoutHolder(holders, holder);
    if (left.length > 0) next = withHolders(next, entry, left);
    else if (!mentions(next, entry)) next = enqueue(next, [toRemoval(entry, ask)]);
    // Something else is done to it first; what is over then leaves.
    else if (!isUnderWay(next, store, source))
      next = withHolders(next, entry, [{ ...holder, until: at }]);
  }
  return next;
}

/** What a source's changes in a store wait for, when somebody has to change something first. */
export function waitsForOf(
  record: CaRecord,
  store: CaPlace['store'],
  source: Source,
): Problem | undefined {
  return record.waiting.find(
    (one) =>
      one.store === store &&
      one.waitsFor !== undefined &&
      one.source !== undefined &&
      formatSource(one.source) === formatSource(source),
  )?.waitsFor;
}

/** Whether a change for a source in a store is on its way or waits. */
export function isUnderWay(record: CaRecord, store: CaPlace['store'], source: Source): boolean {
  return [...record.waiting, ...(record.update?.changes ?? [])].some(
    (one) =>
      one.store === store &&
      one.source !== undefined &&
      formatSource(one.source) === formatSource(source),
  );
}

/** What waits for the sake of a source in a store, other than for this entry, is asked for no more. */
function withdraw(record: CaRecord, { source }: CaAsk, { store, thumbprint }: CaPlace): CaRecord {
  const waiting = record.waiting.filter(
    (one) =>
      one.kind !== 'add' ||
      one.store !== store ||
      one.thumbprint === thumbprint ||
      one.source === undefined ||
      formatSource(one.source) !== formatSource(source) ||
      holdersOf(record, one).length > 0,
  );
  return waiting.length === record.waiting.length ? record : { ...record, waiting };
}

/** Entries that the source holds in the same store without end, other than this one. */
function earlierOf(record: CaRecord, { source }: CaAsk, { store, thumbprint }: CaPlace) {
  return record.held.filter(
    (one) =>
      one.store === store &&
      one.thumbprint !== thumbprint &&
      one.holders.some(
        (holder) =>
          holder.kind === 'source' &&
          holder.until === undefined &&
          formatSource(holder.source) === formatSource(source),
      ),
  );
}

/** What has expired verifies nothing any more. */
function endOf({ expiresAt }: CaEntry, at: string, overlapSeconds: number): string {
  const end = new Date(Date.parse(at) + overlapSeconds * 1_000).toISOString();
  return expiresAt !== undefined && expiresAt < end ? expiresAt : end;
}

function toRemoval(entry: CaEntry, { source, at, idOf }: CaAsk, insteadOf?: string): CaChange {
  return {
    ...entryOf(entry),
    ...{ id: idOf(entry), kind: 'remove', at, source, by: { kind: 'platform' } },
    ...(insteadOf === undefined ? {} : { insteadOf }),
  };
}
