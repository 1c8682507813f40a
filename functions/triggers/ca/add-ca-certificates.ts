import type { CaRoutePorts } from './ca-ports.ts';
import { requireDowntime, requireKnown, requireStoreConsent } from './ca-refusals.ts';
import type { Asker } from '../uploads/asker.ts';
import { caKey, CA_LIMIT, type CaPlace, type CaStore } from '../../../shared/domain/ca-entry.ts';
import type { JudgedCa } from '../../../shared/domain/ca-file.ts';
import { limitReached } from '../../../shared/domain/ca-plan.ts';
import { toCopy, toEntry } from '../../../shared/domain/ca-ports.ts';
import {
  addHolder,
  comingTo,
  enqueue,
  hasLeftSince,
  holdersOf,
  isLeaving,
  placesToCome,
  withHolders,
  withoutRemoval,
  type CaChange,
  type CaRecord,
} from '../../../shared/domain/ca-record.ts';
import { storeWithoutEffect } from '../../../shared/domain/ca-tier.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import type { CaUploadEntry } from '../../../shared/http/ca-view.ts';

export interface CaUpload {
  readonly service: string;
  readonly file: Uint8Array;
  readonly password: string | undefined;
  /** Undefined = each into the store that it belongs into. */
  readonly store: CaStore | undefined;
  readonly acceptDowntime: boolean;
  readonly asker: Asker;
}

export interface CaUploaded {
  readonly entries: readonly CaUploadEntry[];
  readonly warnings: readonly Problem[];
  readonly repeated: number;
  /** Something waits for what is adopted now: an update is to look again. */
  readonly resumes: boolean;
}

type Ports = Pick<
  CaRoutePorts,
  'stores' | 'caLedger' | 'copies' | 'readCaFile' | 'rules' | 'downtime' | 'now' | 'newId'
>;

/** A certificate that may be installed, with the place that it is for. */
interface Wanted extends JudgedCa {
  readonly place: CaPlace;
}

/**
 * Puts the certificates of a file into the line for a service. Everything that can refuse them is
 * asked before anything waits: the file, the tier, what the service holds, the limit. What the service
 * holds already is only remembered: a copy of it is kept, so that no update loses it.
 *
 * Thrown: TerminalError, e.g. `NOT_A_CA` when nothing of the file is left, `BINDING_NOT_ALLOWED`,
 * `CA_STORE_WITHOUT_EFFECT`, `CA_ENTRIES_UNKNOWN`, `CA_LIMIT_REACHED`, `CA_UPDATE_DOWNTIME`.
 */
export async function addCaCertificates(ports: Ports, upload: CaUpload): Promise<CaUploaded> {
  const { service } = upload;
  const file = await ports.readCaFile(upload.file, upload.password);
  const wanted = file.certificates.flatMap((one): Wanted[] =>
    one.refused === undefined
      ? [{ ...one, place: { store: upload.store ?? one.store, thumbprint: one.looks.thumbprint } }]
      : [],
  );
  if (wanted.length === 0) throw nothingLeft(file.certificates);
  const stores = wanted.map(({ place }) => place.store);
  requireStoreConsent(ports.rules, upload.asker, service, stores);
  const { record } = await ports.caLedger.read(service);
  const store = await ports.stores.observe(service);
  const useless = storeWithoutEffect(service, store.tier);
  if (useless !== undefined) throw new TerminalError(useless);

  const present = new Set(store.entries.map(caKey));
  const known = new Set((await ports.copies.list(service)).map(({ thumbprint }) => thumbprint));
  const adopted = new Set<string>();
  for (const { place, looks, der } of wanted) {
    if (!present.has(caKey(place))) continue;
    if (!known.has(looks.thumbprint)) adopted.add(caKey(place));
    await ports.copies.keep(service, toCopy(looks), der);
    known.add(looks.thumbprint);
  }
  // As it looks now; what is written below is decided anew by the record as it stands then.
  const then = { present, record };
  if (queue(ports, upload, wanted, then, record).queued.size > 0) {
    requireKnown(service, store.entries, known);
    requireDowntime(service, store.tier, ports.downtime, upload.acceptDowntime);
  }
  for (const { looks, der } of wanted) {
    // Before it waits: whatever waits can be sent.
    if (!known.has(looks.thumbprint)) await ports.copies.keep(service, toCopy(looks), der);
  }
  const queued = await ports.caLedger.change(service, (current) => {
    const { next, queued: some } = queue(ports, upload, wanted, then, current);
    return { next, result: some };
  });
  return {
    entries: file.certificates.map((one) => toView(one, upload.store, { queued, adopted })),
    warnings: file.warnings,
    repeated: file.repeated,
    resumes: adopted.size > 0 && record.waiting.length > 0,
  };
}

/**
 * The record with what is wanted in its line. Thrown when the service could not hold that.
 * @param then the store as it was seen, and the record from before that
 */
function queue(
  { now, newId }: Pick<Ports, 'now' | 'newId'>,
  { service, asker: { by }, acceptDowntime }: CaUpload,
  wanted: readonly Wanted[],
  then: { readonly present: ReadonlySet<string>; readonly record: CaRecord },
  record: CaRecord,
): { readonly next: CaRecord; readonly queued: ReadonlySet<string> } {
  const at = now().toISOString();
  const queued = new Set<string>();
  let next = record;
  for (const { place, looks } of wanted) {
    const key = caKey(place);
    const entry = toEntry(place.store, looks);
    // A removal that only waits is taken back; one that was sent is followed by an addition.
    const stays =
      then.present.has(key) &&
      !isLeaving(record, place) &&
      !hasLeftSince(then.record, record, place);
    const coming = comingTo(record, place);
    // What Azure refused goes anew, for whoever asks for it now.
    if (stays || (coming?.kind === 'add' && coming.refusedAt === undefined)) {
      const holders = addHolder(holdersOf(next, place), { kind: 'hand', by, at });
      next = withHolders(withoutRemoval(next, place), entry, holders);
      if (!stays) queued.add(key);
      continue;
    }
    const change: CaChange = { ...entry, id: newId(), kind: 'add', at, by };
    next = enqueue(next, [change]);
    queued.add(key);
  }
  if (acceptDowntime && queued.size > 0) {
    const accept = (one: CaChange): CaChange =>
      queued.has(caKey(one)) ? { ...one, acceptsDowntime: true } : one;
    next = { ...next, waiting: next.waiting.map(accept) };
  }
  const places = placesToCome([...then.present].map(toPlace), next);
  if (queued.size > 0 && places.size > CA_LIMIT) {
    throw new TerminalError(limitReached(service, places.size));
  }
  return { next, queued };
}

function toPlace(key: string): CaPlace {
  const [store, thumbprint = ''] = key.split('/');
  return { store: store === 'Root' ? 'Root' : 'CertificateAuthority', thumbprint };
}

function toView(
  { looks, store: own, refused, warnings }: JudgedCa,
  asked: CaStore | undefined,
  { queued, adopted }: { queued: ReadonlySet<string>; adopted: ReadonlySet<string> },
): CaUploadEntry {
  const { thumbprint, subject, issuer, notBefore, notAfter } = looks;
  const store = asked ?? own;
  const about = { store, thumbprint, subject, issuer, notBefore, expiresAt: notAfter };
  if (refused !== undefined)
    return { ...about, outcome: 'refused', problem: refused, warnings: [] };
  const key = caKey({ store, thumbprint });
  const outcome = queued.has(key) ? 'queued' : adopted.has(key) ? 'adopted' : 'present';
  return { ...about, outcome, warnings: [...warnings, ...warnUnusual(store, own, thumbprint)] };
}

function warnUnusual(store: CaStore, own: CaStore, thumbprint: string): readonly Problem[] {
  if (store === own) return [];
  return [
    {
      code: 'CA_STORE_UNUSUAL',
      message:
        own === 'Root'
          ? 'It signed itself and goes into the store of intermediates, where it is no trust anchor.'
          : 'Another authority issued it, and it goes into the store of roots, where it is trusted by itself.',
      resource: thumbprint,
      cure: `Leave the store out to have it put into ${own}.`,
    },
  ];
}

/** Every certificate was refused: the first reason, and what is wrong with the others. */
function nothingLeft(certificates: readonly JudgedCa[]): TerminalError {
  const reasons = certificates.flatMap(({ refused }) => (refused === undefined ? [] : [refused]));
  const [first, ...others] = reasons;
  return new TerminalError({
    code: first?.code ?? 'CERTIFICATE_MISSING',
    message: [first, ...others.slice(0, 4)].map((one) => one?.message ?? '').join(' '),
    ...(first?.cure === undefined ? {} : { cure: first.cure }),
  });
}
