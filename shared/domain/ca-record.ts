/**
 * What Certkeeper keeps of a service's CA certificates besides their data: what is to be changed,
 * the update that is on its way, who holds each entry there, and what came of it lately.
 */
import { caKey, entryOf, type CaEntry, type CaPlace } from './ca-entry.ts';
import type { Problem } from './errors.ts';
import type { RequestedBy } from './requested-by.ts';
import { formatSource, type Source } from './source.ts';

/** A change that somebody asked for. */
export interface CaChange extends CaEntry {
  readonly id: string;
  readonly kind: 'add' | 'remove';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: RequestedBy;
  /** The source that the certificate comes from; absent = somebody uploaded or deleted it. */
  readonly source?: Source;
  /** A removal that may take what could not be put back, since Certkeeper has no copy of it. */
  readonly unknownToo?: true;
  /** A removal that takes place only where this entry (its key) is in the store afterwards. */
  readonly insteadOf?: string;
  /** It puts back what an update lost, or brings about once more what one did not. */
  readonly repairs?: true;
  /** How many updates with it left no trace at the service. */
  readonly traceless?: number;
  /** Whoever asked for it accepts that the update is downtime; that is leave for one update. */
  readonly acceptsDowntime?: true;
  /** When Azure last refused an update that it was tried in. ISO 8601, UTC. */
  readonly refusedAt?: string;
  /** Why it has not gone yet, when something has to be changed first. It was told once. */
  readonly waitsFor?: Problem;
}

/** For whose sake an entry stands in the store. It leaves when nobody is left. */
export type CaHolder =
  /** Somebody uploaded it. */
  | { readonly kind: 'hand'; readonly by: RequestedBy; readonly at: string }
  /** A certificate of Key Vault. `until`: it has another version now, and this one stays so long. */
  | {
      readonly kind: 'source';
      readonly source: Source;
      readonly at: string;
      readonly until?: string;
    }
  /** It was there before Certkeeper was asked for it. */
  | { readonly kind: 'others' };

export interface CaHeld extends CaEntry {
  readonly holders: readonly CaHolder[];
  /** When its removal last came to nothing. ISO 8601, UTC. */
  readonly keptAt?: string;
}

/** An update that was begun: written down before it is sent. */
export interface CaUpdate {
  readonly id: string;
  /** When it was written down; it is sent right after that. ISO 8601, UTC. */
  readonly intendedAt: string;
  /** What it brings about; taken out of what waits. */
  readonly changes: readonly CaChange[];
  /** The whole store as it is to be. */
  readonly wanted: readonly CaEntry[];
  /** Who held what leaves with it, when it was planned: whoever came since holds it all the same. */
  readonly leaving?: readonly CaHeld[];
  /** Azure took it; absent = whether it was sent is not known. */
  readonly sent?: true;
  /** Where Azure is asked how it goes on; absent = the service is looked at instead. */
  readonly operation?: string;
  /** When Azure said that it is over. ISO 8601, UTC. */
  readonly overAt?: string;
}

/** What became of a change. */
export interface CaDone {
  readonly change: CaChange;
  readonly outcome: CaOutcome;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly problem?: Problem;
  /** It has not been told to anybody yet. */
  readonly untold?: true;
}

/** `unchanged`: it was so already. */
export const CA_OUTCOMES = ['added', 'removed', 'unchanged', 'refused', 'failed'] as const;
export type CaOutcome = (typeof CA_OUTCOMES)[number];

export interface CaRecord {
  /** What waits for an update: one for each place, the last word counts. */
  readonly waiting: readonly CaChange[];
  readonly update?: CaUpdate;
  readonly held: readonly CaHeld[];
  /** Newest first. */
  readonly done: readonly CaDone[];
}

export const EMPTY_CA_RECORD: CaRecord = { waiting: [], held: [], done: [] };

/** How much of the past is kept; what nobody was told of stays however much it is. */
export const CA_DONE_KEPT = 20;

/**
 * Adds what came of changes, and drops the oldest of what was told. That a removal came to nothing
 * stays with the entry, however much else comes to pass.
 */
export function withDone(record: CaRecord, done: readonly CaDone[]): CaRecord {
  const all = [...done, ...record.done];
  const kept = new Map(
    done.flatMap(({ change, outcome, at }) =>
      change.kind === 'remove' && (outcome === 'refused' || outcome === 'failed')
        ? [[caKey(change), at]]
        : [],
    ),
  );
  return {
    ...record,
    held: record.held.map((one) => {
      const keptAt = kept.get(caKey(one));
      return keptAt === undefined ? one : { ...one, keptAt };
    }),
    done: all.filter((one, at) => at < CA_DONE_KEPT || one.untold === true),
  };
}

/** Puts changes into the line; a later word about a place takes the earlier one's. */
export function enqueue(record: CaRecord, changes: readonly CaChange[]): CaRecord {
  const said = new Set(changes.map(caKey));
  return {
    ...record,
    waiting: [...record.waiting.filter((one) => !said.has(caKey(one))), ...changes],
  };
}

/** Puts an update's changes back into the line, unless somebody has said something else since. */
export function giveBack(record: CaRecord): CaRecord {
  const { update, ...rest } = record;
  if (update === undefined) return record;
  const said = new Set(record.waiting.map(caKey));
  const back = update.changes.filter((one) => !said.has(caKey(one)));
  return { ...rest, waiting: [...back, ...record.waiting] };
}

/** The places that will be filled once everything that is on its way or waits has been done. */
export function placesToCome(present: readonly CaPlace[], record: CaRecord): ReadonlySet<string> {
  const places = new Set(present.map(caKey));
  for (const change of [...(record.update?.changes ?? []), ...record.waiting]) {
    if (change.kind === 'add') places.add(caKey(change));
    else places.delete(caKey(change));
  }
  return places;
}

export function holdersOf(record: CaRecord, place: CaPlace): readonly CaHolder[] {
  return record.held.find((one) => caKey(one) === caKey(place))?.holders ?? [];
}

/** Sets for whose sake an entry is there; nobody = it is forgotten. */
export function withHolders(
  record: CaRecord,
  entry: CaEntry,
  holders: readonly CaHolder[],
): CaRecord {
  const others = record.held.filter((one) => caKey(one) !== caKey(entry));
  const { keptAt } = record.held.find((one) => caKey(one) === caKey(entry)) ?? {};
  const held = { ...entryOf(entry), holders, ...(keptAt === undefined ? {} : { keptAt }) };
  return { ...record, held: holders.length === 0 ? others : [...others, held] };
}

/**
 * Takes those whose time is over from the entries that they held; what nobody holds then is to
 * leave. A record where nothing is over comes back as it is.
 */
export function retire(record: CaRecord, now: string): CaRecord {
  let next = record;
  for (const { holders, keptAt, ...entry } of record.held) {
    const left = holders.filter((one) => !isOver(one, now));
    if (left.length === holders.length) continue;
    const [over] = holders.flatMap((one) =>
      one.kind === 'source' && isOver(one, now) ? [one] : [],
    );
    if (left.length > 0 || over === undefined) {
      next = withHolders(next, entry, left);
    } else if (!mentions(next, entry) && !cameToNothing(keptAt, now)) {
      const id = `over-${entry.thumbprint.slice(0, 12)}-${over.until ?? ''}`;
      const by = { kind: 'platform' } as const;
      const { source } = over;
      next = enqueue(next, [{ ...entry, id, kind: 'remove', at: now, by, source }]);
    }
  }
  return next;
}

/** An update takes the service a quarter of an hour: what was refused is not asked for at once again. */
const ASKED_AGAIN_AFTER_MS = 86_400_000;

function cameToNothing(at: string | undefined, now: string): boolean {
  return at !== undefined && Date.parse(now) - Date.parse(at) < ASKED_AGAIN_AFTER_MS;
}

/** What is to become of a place: the last word about it that waits or is on its way. */
export function comingTo(record: CaRecord, place: CaPlace): CaChange | undefined {
  const changes = [...record.waiting, ...(record.update?.changes ?? [])];
  return changes.find((one) => caKey(one) === caKey(place));
}

/** Whether a change of this place is on its way or waits. */
export function mentions(record: CaRecord, place: CaPlace): boolean {
  return comingTo(record, place) !== undefined;
}

/** Whether an update that may have been sent takes this entry, whatever waits for the next one. */
export function isLeaving({ update }: CaRecord, place: CaPlace): boolean {
  return (update?.changes ?? []).some(
    (one) => one.kind === 'remove' && caKey(one) === caKey(place),
  );
}

/** Whether an entry left after a record was read: what was seen of the store since may be older. */
export function hasLeftSince(before: CaRecord, record: CaRecord, place: CaPlace): boolean {
  const departures = ({ done }: CaRecord): readonly string[] =>
    done.flatMap(({ change, outcome, at }) =>
      outcome === 'removed' && caKey(change) === caKey(place) ? [`${change.id} ${at}`] : [],
    );
  const known = new Set(departures(before));
  return departures(record).some((one) => !known.has(one));
}

/** Takes a removal that has not been sent out of the line. */
export function withoutRemoval(record: CaRecord, place: CaPlace): CaRecord {
  const waiting = record.waiting.filter((one) => one.kind === 'add' || caKey(one) !== caKey(place));
  return waiting.length === record.waiting.length ? record : { ...record, waiting };
}

/**
 * Takes removals out of the line whose entry somebody holds by now: only the source that it was to
 * leave for lets go. What somebody deleted by hand leaves, whoever held it when that was asked for.
 */
export function spareHeld(record: CaRecord, now: string): CaRecord {
  let next = record;
  for (const change of record.waiting) {
    if (change.kind !== 'remove' || change.source === undefined) continue;
    const gone: CaHolder = { kind: 'source', source: change.source, at: now };
    const left = holdersOf(next, change).filter(
      (one) => !isSameHolder(one, gone) && !isOver(one, now),
    );
    if (left.length > 0) next = withHolders(withoutRemoval(next, change), change, left);
  }
  return next;
}

/** Adds a holder in place of the same one before, so that asking twice is asking once. */
export function addHolder(holders: readonly CaHolder[], one: CaHolder): readonly CaHolder[] {
  return [...holders.filter((other) => !isSameHolder(other, one)), one];
}

export function isSameHolder(one: CaHolder, other: CaHolder): boolean {
  if (one.kind === 'source' && other.kind === 'source') {
    return formatSource(one.source) === formatSource(other.source);
  }
  return one.kind === other.kind;
}

/** Whether a holder's time is over: another version took its place, and the overlap has passed. */
export function isOver(holder: CaHolder, now: string): boolean {
  return holder.kind === 'source' && holder.until !== undefined && holder.until <= now;
}
