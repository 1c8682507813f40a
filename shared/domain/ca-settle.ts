/** What came of an update: the store as it is now against the store as it was to be. Pure. */
import { caKey, entryOf, nameCa, type CaEntry } from './ca-entry.ts';
import {
  addHolder,
  enqueue,
  giveBack,
  holdersOf,
  isSameHolder,
  withDone,
  withHolders,
  type CaChange,
  type CaDone,
  type CaHeld,
  type CaHolder,
  type CaOutcome,
  type CaRecord,
} from './ca-record.ts';
import type { RefusedChange } from './ca-plan.ts';
import type { Problem } from './errors.ts';

/** Whether the store is as the update was to make it; what others added since is no concern of it. */
export function isAsWanted(
  present: readonly CaEntry[],
  {
    wanted,
    changes,
  }: { readonly wanted: readonly CaEntry[]; readonly changes: readonly CaChange[] },
): boolean {
  const there = new Set(present.map(caKey));
  return wanted.every((one) => there.has(caKey(one))) && changes.every((one) => isDone(one, there));
}

/** Whether anything of what the update was to bring about is so: it was sent, whatever else it lost. */
export function hasTrace(
  present: readonly CaEntry[],
  { changes }: { readonly changes: readonly CaChange[] },
): boolean {
  const there = new Set(present.map(caKey));
  return changes.some((one) => isDone(one, there));
}

/**
 * Ends the update that a record has, by what is in the store now. What it lost, or did not bring
 * about, is put into the line once more; what an update that repairs does not bring about, or loses, is
 * given up.
 *
 * @param present the store, read after the update was over
 * @param failure why it failed, when it did: then nothing is tried again
 */
export function settleUpdate(
  service: string,
  record: CaRecord,
  present: readonly CaEntry[],
  now: string,
  failure?: Problem,
): CaRecord {
  const { update, ...rest } = record;
  if (update === undefined) return record;
  const there = new Set(present.map(caKey));
  let next: CaRecord = rest;
  const done: CaDone[] = [];
  const again: CaChange[] = [];
  for (const change of update.changes) {
    if (isDone(change, there)) {
      const gone = update.leaving?.find((one) => caKey(one) === caKey(change))?.holders ?? [];
      next = settleHolders(next, change, { gone });
      done.push(toDone(change, change.kind === 'add' ? 'added' : 'removed', now));
    } else if (failure !== undefined || change.repairs === true) {
      done.push(toDone(change, 'failed', now, failure ?? notAsWanted(service, change)));
    } else {
      // Who accepted downtime accepted that of one update.
      const { acceptsDowntime: _, waitsFor: __, ...asked } = change;
      again.push({ ...asked, repairs: true });
    }
  }
  const changed = new Set(update.changes.map(caKey));
  // A service that loses one entry for each that is put back would be updated without end.
  const isRepair = update.changes.some(({ repairs }) => repairs === true);
  for (const entry of update.wanted) {
    if (there.has(caKey(entry)) || changed.has(caKey(entry))) continue;
    // It was there before the update, and nobody asked for it to leave.
    const restore: CaChange = {
      ...entryOf(entry),
      ...{ id: `${update.id}-${entry.thumbprint.slice(0, 8)}`, kind: 'add', at: now },
      ...{ by: { kind: 'platform' }, repairs: true },
    };
    if (!isRepair) again.push(restore);
    else done.push(toDone(restore, 'failed', now, failure ?? notAsWanted(service, restore)));
  }
  // Somebody may have said something else about a place meanwhile.
  const said = new Set(next.waiting.map(caKey));
  const unsaid = again.filter((one) => !said.has(caKey(one)));
  return withDone(prune(enqueue(next, unsaid), there), done);
}

/**
 * Forgets for whose sake an entry was there that is gone, and that nothing brings back. A certificate
 * of Key Vault whose current version it is wants it there all the same: the sweep asks for it.
 */
function prune(record: CaRecord, there: ReadonlySet<string>): CaRecord {
  const coming = new Set(record.waiting.filter(({ kind }) => kind === 'add').map(caKey));
  const held = record.held.flatMap((one): CaHeld[] => {
    if (there.has(caKey(one)) || coming.has(caKey(one))) return [one];
    const bound = one.holders.filter(
      (holder) => holder.kind === 'source' && holder.until === undefined,
    );
    return bound.length === 0 ? [] : [{ ...one, holders: bound }];
  });
  return { ...record, held };
}

/** So often an update is sent that leaves no trace: a crash explains one of them. */
const MOST_TRACELESS = 3;

/**
 * Puts the changes of an update that left no trace at the service back into the line; those that were
 * in several such updates have failed.
 */
export function giveBackTraceless(service: string, record: CaRecord, now: string): CaRecord {
  const { update } = record;
  if (update === undefined) return record;
  const counted = update.changes.map((one) => ({ ...one, traceless: (one.traceless ?? 0) + 1 }));
  const isOver = ({ traceless }: (typeof counted)[number]) => traceless >= MOST_TRACELESS;
  const changes = counted.filter((one) => !isOver(one));
  return withDone(
    giveBack({ ...record, update: { ...update, changes } }),
    counted.filter(isOver).map((one) => toDone(one, 'failed', now, notBegun(service))),
  );
}

/**
 * Ends the update that a record has, which Azure refused to begin. What somebody asked for is refused;
 * what nobody would ask for again goes back into the line, told of once. It may be right and what it
 * was sent with wrong, so it goes without that at once; what was refused without it, rests.
 */
export function refuseUpdate(record: CaRecord, problem: Problem, now: string): CaRecord {
  const { update, ...rest } = record;
  if (update === undefined) return record;
  const asked = update.changes.filter((one) => !isNobodys(one));
  const nobodys = update.changes.filter(isNobodys);
  const again = nobodys.map((change) =>
    asked.length > 0 ? change : { ...waitingFor(change, problem), refusedAt: now },
  );
  const isNews = ({ refusedAt }: CaChange) => asked.length === 0 && refusedAt === undefined;
  return withDone(giveBack({ ...rest, update: { ...update, changes: again } }), [
    ...[...asked, ...nobodys.filter(isNews)].map((one) => toDone(one, 'refused', now, problem)),
  ]);
}

/** As often as a sweep comes: what Azure refused is not sent again in the same breath. */
const RESTS_FOR_MS = 1_500_000;

/**
 * What may go with one update, in the order in which it is to be tried. What was refused goes alone:
 * any of it may be why, and the others shall not fail with it. What rests is not among them.
 */
export function roundsOf(waiting: readonly CaChange[], now: string): readonly CaRound[] {
  const rested = waiting
    .filter(
      ({ refusedAt: at }) => at !== undefined && Date.parse(now) - Date.parse(at) >= RESTS_FOR_MS,
    )
    .sort((one, other) => ((one.refusedAt ?? '') < (other.refusedAt ?? '') ? -1 : 1));
  const fresh = waiting.filter(({ refusedAt }) => refusedAt === undefined);
  return [fresh, ...rested.map((one) => [one])].filter(({ length }) => length > 0);
}
type CaRound = readonly CaChange[];

/**
 * Ends changes that need no update, or get none. What nobody would ask for again stays in the line,
 * and is told of once. A record in which nothing is new comes back as it is.
 * @param present undefined = the store could not be read, so nothing is known to be so already
 */
export function settleWithout(
  record: CaRecord,
  present: readonly CaEntry[] | undefined,
  refused: readonly RefusedChange[],
  now: string,
): CaRecord {
  const there = present === undefined ? undefined : new Set(present.map(caKey));
  const problems = new Map(refused.map(({ change, problem }) => [change.id, problem]));
  let next: CaRecord = { ...record, waiting: [] };
  const done: CaDone[] = [];
  for (const change of record.waiting) {
    const problem = problems.get(change.id);
    if (there !== undefined && isDone(change, there)) {
      // What was sent and only shows now is as new as if it had shown at once.
      const isLate = change.repairs === true && !isRestore(change);
      next = settleHolders(next, change, isLate && change.kind === 'add' ? { gone: [] } : 'was so');
      const outcome = change.kind === 'add' ? 'added' : 'removed';
      done.push(toDone(change, isLate ? outcome : 'unchanged', now));
      continue;
    }
    const stays = problem === undefined || isNobodys(change) || waitsForOthers(change, problem);
    const isNews = problem !== undefined && change.waitsFor?.code !== problem.code;
    if (isNews || !stays) done.push(toDone(change, 'refused', now, problem));
    if (stays) next = { ...next, waiting: [...next.waiting, waitingFor(change, problem)] };
  }
  const isNew = done.length > 0 || next.waiting.some((change, at) => change !== record.waiting[at]);
  return isNew ? withDone(next, done) : record;
}

/** Whether nobody would ask for a change again: it puts right what went wrong, or tidies up. */
function isNobodys({ kind, by, repairs, insteadOf }: CaChange): boolean {
  const tidies = kind === 'remove' && by.kind === 'platform' && insteadOf === undefined;
  return repairs === true || tidies;
}

/**
 * Whether a removal waits until something else is dropped or uploaded as well: of entries without a
 * copy none could leave before the others.
 */
function waitsForOthers({ kind, unknownToo }: CaChange, { code }: Problem): boolean {
  return kind === 'remove' && unknownToo === true && code === 'CA_ENTRIES_UNKNOWN';
}

/** Whether it puts back what somebody had there, for whose sake it is not done. */
function isRestore({ by, source, repairs }: CaChange): boolean {
  return repairs === true && by.kind === 'platform' && source === undefined;
}

function waitingFor(change: CaChange, problem: Problem | undefined): CaChange {
  if (problem === undefined) return change;
  // A row holds many of them.
  const message =
    problem.message.length > 400 ? `${problem.message.slice(0, 399)}…` : problem.message;
  const { waitsFor } = change;
  if (waitsFor?.code === problem.code && waitsFor.message === message) return change;
  return { ...change, waitsFor: { ...problem, message } };
}

/**
 * Writes down for whose sake an entry is there now.
 * @param how whether it was so already, or who held what left when that was planned
 */
function settleHolders(
  record: CaRecord,
  change: CaChange,
  how: 'was so' | { readonly gone: readonly CaHolder[] },
): CaRecord {
  const holders = holdersOf(record, change);
  if (change.kind === 'remove') {
    const since = how === 'was so' ? [] : holders.filter((one) => !isAmong(one, how.gone));
    return withHolders(record, change, since);
  }
  if (isRestore(change)) return record;
  return withHolders(record, change, [
    // Somebody else put it there: it must not leave with whoever asked for it since.
    ...(how === 'was so' && holders.length === 0 ? [{ kind: 'others' } as const] : []),
    ...addHolder(holders, holderOf(change)),
  ]);
}

/** For whose sake a change puts an entry there. */
export function holderOf({ source, by, at }: CaChange): CaHolder {
  return source === undefined ? { kind: 'hand', by, at } : { kind: 'source', source, at };
}

/** Whether it is one of these, and has not come back since. */
function isAmong(one: CaHolder, holders: readonly CaHolder[]): boolean {
  const since = (holder: CaHolder) => (holder.kind === 'others' ? '' : holder.at);
  return holders.some((other) => isSameHolder(one, other) && since(one) === since(other));
}

/** The holders without one of them. */
export function withoutHolder(holders: readonly CaHolder[], one: CaHolder): readonly CaHolder[] {
  return holders.filter((other) => !isSameHolder(other, one));
}

function isDone(change: CaChange, there: ReadonlySet<string>): boolean {
  return there.has(caKey(change)) === (change.kind === 'add');
}

function toDone(change: CaChange, outcome: CaOutcome, at: string, problem?: Problem): CaDone {
  return {
    ...{ change, outcome, at },
    ...(problem === undefined ? {} : { problem }),
    // What was so already is no news.
    ...(outcome === 'unchanged' ? {} : { untold: true }),
  };
}

function notBegun(service: string): Problem {
  return {
    code: 'AZURE_UNAVAILABLE',
    message: `${service} shows no trace of its update, which was sent ${String(MOST_TRACELESS)} times.`,
    resource: service,
    cure: 'Look whether Azure has trouble with updates of the service; then ask again.',
  };
}

function notAsWanted(service: string, change: CaChange): Problem {
  const wrong = change.kind === 'add' ? 'does not list' : 'still lists';
  return {
    code: 'NOT_VERIFIED',
    message: `${service} ${wrong} ${nameCa(change)} after two updates.`,
    resource: `${service}/ca/${change.store}`,
    cure: 'Look whether something else, such as a deployment, updates the service as well; then ask again.',
  };
}
