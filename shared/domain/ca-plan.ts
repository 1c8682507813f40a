/**
 * The plan for one update of a service's CA certificates. The service takes the array as a whole and
 * forgets what is left out of it (azurerm#8598), and it never gives the data of an entry back. So
 * whatever is to stay must be sent again, and what cannot be sent again blocks the update.
 */
import {
  CA_LIMIT,
  caKey,
  entryOf,
  nameCa,
  type CaEntry,
  type CaStoreObservation,
} from './ca-entry.ts';
import type { CaChange } from './ca-record.ts';
import type { Problem } from './errors.ts';

export type CaPlan =
  /** The store is as everybody wants it. */
  | { readonly kind: 'nothing'; readonly refused: readonly RefusedChange[] }
  /** The store holds what would be lost. */
  | { readonly kind: 'blocked'; readonly problem: Problem }
  | {
      readonly kind: 'update';
      /** The whole store as it is to be: what stays, in the service's order, then what is new. */
      readonly wanted: readonly CaEntry[];
      readonly refused: readonly RefusedChange[];
    };

export interface RefusedChange {
  readonly change: CaChange;
  readonly problem: Problem;
}

/**
 * Plans one update. Pure; nothing that is present leaves but by a change that names it.
 *
 * @param store as it was read just now
 * @param known thumbprints of the certificates of which Certkeeper has a copy
 * @param changes in the order in which they were asked for
 */
export function planCaUpdate(
  service: string,
  store: Pick<CaStoreObservation, 'entries'>,
  known: ReadonlySet<string>,
  changes: readonly CaChange[],
): CaPlan {
  const plan = planOnce(service, store, known, changes);
  // What was to make room for something that does not come stays, and so the plan is another.
  const after = plan.kind === 'update' ? plan.wanted : store.entries;
  const there = new Set(after.map(caKey));
  const stays = changes.filter(
    ({ kind, insteadOf }) => kind === 'remove' && insteadOf !== undefined && !there.has(insteadOf),
  );
  if (plan.kind === 'blocked' || stays.length === 0) return plan;
  const others = changes.filter((one) => !stays.includes(one));
  const again = planCaUpdate(service, store, known, others);
  if (again.kind === 'blocked') return again;
  const kept = stays.map((change) => ({ change, problem: notReplaced(service, change) }));
  return { ...again, refused: [...again.refused, ...kept] };
}

function notReplaced(service: string, entry: CaEntry): Problem {
  return {
    code: 'NOT_VERIFIED',
    message: `${nameCa(entry)} stays at ${service}, since what was to take its place does not come.`,
    resource: `${service}/ca/${entry.store}`,
  };
}

function planOnce(
  service: string,
  store: Pick<CaStoreObservation, 'entries'>,
  known: ReadonlySet<string>,
  changes: readonly CaChange[],
): CaPlan {
  const isKnown = ({ thumbprint }: CaEntry): boolean => known.has(thumbprint);
  const present = new Map(store.entries.map((entry) => [caKey(entry), entry]));
  const refused: RefusedChange[] = [];

  const removed = new Set<string>();
  for (const change of changes.filter(({ kind }) => kind === 'remove')) {
    const entry = present.get(caKey(change));
    if (entry === undefined) continue;
    if (isKnown(entry) || change.unknownToo === true) removed.add(caKey(change));
    else refused.push({ change, problem: irreplaceable(service, entry) });
  }
  const staying = [...present].filter(([key]) => !removed.has(key)).map(([, entry]) => entry);

  const added: CaEntry[] = [];
  for (const change of changes.filter(({ kind }) => kind === 'add')) {
    if (present.has(caKey(change)) && !removed.has(caKey(change))) continue;
    if (added.some((one) => caKey(one) === caKey(change))) continue;
    if (!isKnown(change)) refused.push({ change, problem: copyMissing(service, change) });
    else if (staying.length + added.length >= CA_LIMIT) {
      refused.push({ change, problem: limitReached(service, staying.length + added.length) });
    } else added.push(entryOf(change));
  }

  if (removed.size === 0 && added.length === 0) return { kind: 'nothing', refused };
  const unknown = staying.filter((entry) => !isKnown(entry));
  if (unknown.length > 0) return { kind: 'blocked', problem: entriesUnknown(service, unknown) };
  return { kind: 'update', wanted: [...staying, ...added], refused };
}

/** Neither a copy nor a call can be about it. */
const WITHOUT_THUMBPRINT =
  'An entry without a thumbprint cannot be named: delete it in the Azure portal (the service, Certificates, CA certificates), and upload its file here afterwards.';

/** The service holds entries that Certkeeper could not send again. */
export function entriesUnknown(service: string, unknown: readonly CaEntry[]): Problem {
  const [named] = unknown.filter(({ thumbprint }) => thumbprint !== '');
  const path = `/api/services/${service}/ca-certificates`;
  const cures = [
    ...(named === undefined
      ? []
      : [
          `Upload each of them once more (POST ${path}), which only keeps a copy; or have it deleted by name: DELETE ${path}/${caKey(named)}?unknown=drop`,
        ]),
    ...(unknown.every(({ thumbprint }) => thumbprint !== '') ? [] : [WITHOUT_THUMBPRINT]),
  ];
  return {
    code: 'CA_ENTRIES_UNKNOWN',
    message: `${service} holds CA certificates of which Certkeeper has no copy, and an update would lose them: ${listed(unknown)}.`,
    resource: service,
    cure: cures.join(' '),
  };
}

/** At most as many as the service may hold; each with its name cut short. */
function listed(entries: readonly CaEntry[]): string {
  const some = entries.slice(0, CA_LIMIT).map(nameCa);
  const more = entries.length - some.length;
  return [...some, ...(more > 0 ? [`and ${String(more)} more`] : [])].join('; ');
}

/** A removal of what could not be put back, which nobody said may be lost. */
export function irreplaceable(service: string, entry: CaEntry): Problem {
  return {
    code: 'CA_ENTRIES_UNKNOWN',
    message: `Certkeeper has no copy of ${nameCa(entry)} at ${service}, so it could not be put back.`,
    resource: `${service}/ca/${entry.store}`,
    cure: `Have it deleted all the same: DELETE /api/services/${service}/ca-certificates/${caKey(entry)}?unknown=drop`,
  };
}

function copyMissing(service: string, entry: CaEntry): Problem {
  return {
    code: 'CA_ENTRIES_UNKNOWN',
    message: `The copy of ${nameCa(entry)} for ${service} is gone.`,
    resource: `${service}/ca/${entry.store}`,
    cure: 'Upload it once more.',
  };
}

/** @param used places that are taken, or will be */
export function limitReached(service: string, used: number): Problem {
  return {
    code: 'CA_LIMIT_REACHED',
    message: `${service} may hold ${String(CA_LIMIT)} CA certificates in both stores together; with what is on its way it holds ${String(used)}.`,
    resource: service,
    cure: `Delete what is not needed any more: certkeeper ca list ${service}`,
  };
}
