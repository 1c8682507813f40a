import { findDependents } from './ca-dependents.ts';
import type { CaRoutePorts } from './ca-ports.ts';
import { requireDowntime, requireKnown, requireStoreConsent } from './ca-refusals.ts';
import type { Asker } from '../uploads/asker.ts';
import {
  caKey,
  entryOf,
  nameCa,
  type CaEntry,
  type CaPlace,
} from '../../../shared/domain/ca-entry.ts';
import { entriesUnknown, irreplaceable } from '../../../shared/domain/ca-plan.ts';
import {
  comingTo,
  enqueue,
  holdersOf,
  type CaChange,
  type CaRecord,
} from '../../../shared/domain/ca-record.ts';
import { storeWithoutEffect } from '../../../shared/domain/ca-tier.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

export interface CaRemoval {
  readonly service: string;
  readonly place: CaPlace;
  /** It may go although Certkeeper has no copy of it. */
  readonly unknownToo: boolean;
  readonly acceptDowntime: boolean;
  readonly asker: Asker;
}

/**
 * Puts the removal of an entry into the line for a service. One that may take what could not be put
 * back waits there for whatever else has no copy: of several each is dropped by its own name.
 * @returns what may depend on it and what it waits for, as warnings
 *
 * Thrown: TerminalError `BINDING_NOT_ALLOWED`, `CA_ENTRY_NOT_FOUND`, `CA_ENTRY_BOUND` when a
 * certificate of Key Vault is kept there, `CA_ENTRIES_UNKNOWN`, `CA_UPDATE_DOWNTIME`.
 */
export async function removeCaCertificate(
  ports: Pick<
    CaRoutePorts,
    'stores' | 'caLedger' | 'copies' | 'ledger' | 'rules' | 'downtime' | 'now' | 'newId'
  >,
  removal: CaRemoval,
): Promise<{ readonly entry: CaEntry; readonly warnings: readonly Problem[] }> {
  const { service, place, asker, unknownToo } = removal;
  requireStoreConsent(ports.rules, asker, service, [place.store]);
  const store = await ports.stores.observe(service);
  const useless = storeWithoutEffect(service, store.tier);
  if (useless !== undefined) throw new TerminalError(useless);
  const key = caKey(place);
  const present = store.entries.find((one) => caKey(one) === key);
  let { record } = await ports.caLedger.read(service);
  const entry = present ?? comingIn(record, place);
  if (entry === undefined) throw notFound(service, place);
  await requireUnbound(ports, service, record, entry);

  const copies = await ports.copies.list(service);
  const known = new Set(copies.map(({ thumbprint }) => thumbprint));
  if (present !== undefined && !known.has(place.thumbprint) && !unknownToo) {
    throw new TerminalError(irreplaceable(service, present));
  }
  const others = store.entries.filter((one) => caKey(one) !== key);
  if (!unknownToo) requireKnown(service, others, known);
  requireDowntime(service, store.tier, ports.downtime, removal.acceptDowntime);
  const dropped = new Set(record.waiting.flatMap((one) => (one.unknownToo ? [caKey(one)] : [])));
  const unknown = others.filter((one) => !known.has(one.thumbprint) && !dropped.has(caKey(one)));
  const warnings = [
    ...(unknown.length === 0 ? [] : [entriesUnknown(service, unknown)]),
    ...(await findDependents(ports, service, entry, { present: store.entries, copies })),
  ];
  const id = ports.newId();
  const at = ports.now().toISOString();
  const change: CaChange = {
    ...entryOf(entry),
    ...{ id, at, by: asker.by, kind: 'remove' },
    ...(unknownToo ? { unknownToo } : {}),
    ...(removal.acceptDowntime ? { acceptsDowntime: true } : {}),
  };
  for (;;) {
    const checked = new Set(sourcesAt(record, entry).map(formatSource));
    const since = await ports.caLedger.change(service, (current) =>
      sourcesAt(current, entry).every((one) => checked.has(formatSource(one)))
        ? { next: enqueue(current, [change]), result: undefined }
        : { next: current, result: current },
    );
    if (since === undefined) return { entry, warnings };
    // Some source has come since, which may be bound.
    record = since;
    await requireUnbound(ports, service, record, entry);
  }
}

/** The sources that keep an entry there, or that it is coming for. */
function sourcesAt(record: CaRecord, entry: CaEntry): readonly Source[] {
  const coming = comingTo(record, entry);
  const holding = holdersOf(record, entry).flatMap((one) =>
    one.kind === 'source' && one.until === undefined ? [one.source] : [],
  );
  return coming?.kind === 'add' && coming.source !== undefined
    ? [...holding, coming.source]
    : holding;
}

/** An entry that waits to be added, or is being added. */
function comingIn(record: CaRecord, place: CaPlace): CaEntry | undefined {
  const changes = [...record.waiting, ...(record.update?.changes ?? [])];
  return changes.find((one) => one.kind === 'add' && caKey(one) === caKey(place));
}

/**
 * What a certificate of Key Vault keeps there would come back with its next sync. A binding that was
 * given up without detaching it keeps nothing, nor does one that is being detached.
 */
async function requireUnbound(
  { ledger }: Pick<CaRoutePorts, 'ledger'>,
  service: string,
  record: CaRecord,
  entry: CaEntry,
): Promise<void> {
  const sources = sourcesAt(record, entry);
  const at = { kind: 'ca-certificate', service, store: entry.store } as const;
  const bindings = await Promise.all(sources.map((one) => ledger.binding(one, at)));
  const bound = bindings.find((one) => one !== undefined && one.leaving !== true)?.source;
  if (bound === undefined) return;
  const source = formatSource(bound);
  const target = formatTarget(at);
  throw new TerminalError({
    code: 'CA_ENTRY_BOUND',
    message: `${nameCa(entry)} is kept at ${service} for ${source}, which would put it back.`,
    resource: target,
    cure: `Detach it: certkeeper detach ${source} -t ${target}`,
  });
}

function notFound(service: string, place: CaPlace): TerminalError {
  return new TerminalError({
    code: 'CA_ENTRY_NOT_FOUND',
    message: `${service} holds no CA certificate ${caKey(place)}.`,
    resource: `${service}/ca/${place.store}`,
    cure: `See what there is: certkeeper ca list ${service}`,
  });
}
