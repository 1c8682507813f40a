/** What came of an update: the store as it is now against the store as it was to be. Pure. */
import { caKey, nameCa, type CaEntry } from './ca-entry.ts';
import {
  addHolder,
  enqueue,
  holdersOf,
  isSameHolder,
  withDone,
  withHolders,
  type CaChange,
  type CaDone,
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

/**
 * Ends the update that a record has, by what is in the store now. What it lost, or did not bring
 * about, is put into the line once more; what was put there to repair and is lost again is given up.
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
      next = settleHolders(next, change);
      done.push(toDone(change, change.kind === 'add' ? 'added' : 'removed', now));
    } else if (failure !== undefined || change.repairs === true) {
      done.push(toDone(change, 'failed', now, failure ?? notAsWanted(service, change)));
    } else {
      again.push({ ...change, repairs: true });
    }
  }
  const changed = new Set(update.changes.map(caKey));
  for (const entry of update.wanted) {
    if (there.has(caKey(entry)) || changed.has(caKey(entry))) continue;
    // It was there before the update, and nobody asked for it to leave.
    again.push({
      ...{ store: entry.store, thumbprint: entry.thumbprint, subject: entry.subject },
      ...(entry.expiresAt === undefined ? {} : { expiresAt: entry.expiresAt }),
      ...{ id: `${update.id}-${entry.thumbprint.slice(0, 8)}`, kind: 'add', at: now },
      ...{ by: { kind: 'platform' }, repairs: true },
    });
  }
  // Somebody may have said something else about a place meanwhile.
  const said = new Set(next.waiting.map(caKey));
  const unsaid = again.filter((one) => !said.has(caKey(one)));
  return withDone(prune(enqueue(next, unsaid), there), done);
}

/** Forgets for whose sake an entry was there that is gone, and that nothing brings back. */
function prune(record: CaRecord, there: ReadonlySet<string>): CaRecord {
  const coming = new Set(record.waiting.filter(({ kind }) => kind === 'add').map(caKey));
  const held = record.held.filter((one) => there.has(caKey(one)) || coming.has(caKey(one)));
  return { ...record, held };
}

/** Ends the update that a record has, which Azure refused to begin. */
export function refuseUpdate(record: CaRecord, problem: Problem, now: string): CaRecord {
  const { update, ...rest } = record;
  if (update === undefined) return record;
  return withDone(
    rest,
    update.changes.map((change) => toDone(change, 'refused', now, problem)),
  );
}

/**
 * Ends changes that need no update, or get none.
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
      next = settleHolders(next, change, 'was so');
      done.push(toDone(change, 'unchanged', now));
    } else if (problem !== undefined) {
      done.push(toDone(change, 'refused', now, problem));
    } else {
      next = { ...next, waiting: [...next.waiting, change] };
    }
  }
  return withDone(next, done);
}

/** Writes down for whose sake an entry is there now. */
function settleHolders(record: CaRecord, change: CaChange, was?: 'was so'): CaRecord {
  if (change.kind === 'remove') return withHolders(record, change, []);
  const holders = holdersOf(record, change);
  if (change.repairs === true && change.by.kind === 'platform' && change.source === undefined) {
    return record;
  }
  return withHolders(record, change, [
    // Somebody else put it there: it must not leave with whoever asked for it since.
    ...(was === undefined || holders.length > 0 ? [] : [{ kind: 'others' } as const]),
    ...addHolder(holders, holderOf(change)),
  ]);
}

/** For whose sake a change puts an entry there. */
export function holderOf({ source, by, at }: CaChange): CaHolder {
  return source === undefined ? { kind: 'hand', by, at } : { kind: 'source', source, at };
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

function notAsWanted(service: string, change: CaChange): Problem {
  const wrong = change.kind === 'add' ? 'does not list' : 'still lists';
  return {
    code: 'NOT_VERIFIED',
    message: `${service} ${wrong} ${nameCa(change)} after two updates that reported success.`,
    resource: `${service}/ca/${change.store}`,
    cure: 'Look whether something else, such as a deployment, updates the service as well; then ask again.',
  };
}
