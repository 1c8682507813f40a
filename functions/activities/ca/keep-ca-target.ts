import { createHash } from 'node:crypto';
import { caKey, type CaPlace } from '../../../shared/domain/ca-entry.ts';
import type { CaFileReader, JudgedCa } from '../../../shared/domain/ca-file.ts';
import {
  askForCa,
  holdCa,
  isUnderWay,
  letCaGo,
  waitsForOf,
  type CaAsk,
} from '../../../shared/domain/ca-hold.ts';
import { entriesUnknown } from '../../../shared/domain/ca-plan.ts';
import {
  toCopy,
  toEntry,
  type CaCopies,
  type CaLedger,
  type CaStores,
} from '../../../shared/domain/ca-ports.ts';
import {
  comingTo,
  hasLeftSince,
  isLeaving,
  type CaRecord,
} from '../../../shared/domain/ca-record.ts';
import {
  CA_UPDATE_ESTIMATE,
  downtimeOf,
  storeWithoutEffect,
} from '../../../shared/domain/ca-tier.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { PublicCertificates } from '../../../shared/domain/key-ports.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { formatTarget, type CaTarget } from '../../../shared/domain/target.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';

export interface KeepCaPorts {
  readonly stores: Pick<CaStores, 'observe'>;
  readonly caLedger: CaLedger;
  readonly copies: Pick<CaCopies, 'list' | 'keep'>;
  readonly ledger: Pick<Ledger, 'claim'>;
  readonly certificates: PublicCertificates;
  readonly readCaFile: CaFileReader;
  /** `CERTKEEPER_CA_DOWNTIME`. */
  readonly downtime: 'ask' | 'accept';
  /** `CERTKEEPER_CA_OVERLAP`. */
  readonly overlapSeconds: number;
  readonly now: () => Date;
}

/** The update of the service that does the work. */
export interface CaUpdater {
  /** Asks for an update: something new waits. */
  readonly request: (service: string) => Promise<void>;
  /** Asks for one only if none runs: what waits was asked for before. */
  readonly ensure: (service: string) => Promise<void>;
}

/** Goes on by itself: ask again. */
export interface CaWaiting {
  readonly kind: 'waiting';
  readonly says: string;
  readonly afterSeconds: number;
}

export interface KeepCaInput {
  readonly source: Source;
  readonly target: CaTarget;
  readonly wanted: { readonly version: string; readonly thumbprint: string };
  /** Who asks: the same for each call of one course, and for no other. */
  readonly asker: string;
}

/** Whether the store lists a version, and holds it for the source. Changes nothing. */
export function makeObserveCaTarget({
  stores,
  caLedger,
}: Pick<KeepCaPorts, 'stores' | 'caLedger'>) {
  return async ({ source, target, wanted }: Omit<KeepCaInput, 'asker'>): Promise<TargetState> => {
    const place = { store: target.store, thumbprint: wanted.thumbprint };
    const { entries } = await stores.observe(target.service);
    if (!entries.some((one) => caKey(one) === caKey(place))) return { kind: 'absent' };
    const { record } = await caLedger.read(target.service);
    return present(place.thumbprint, isSettled(record, place, source));
  };
}

/**
 * Puts the vault's current version into a service's store of CA certificates, without its key, and
 * follows the update that does it: asked again until the service lists it. Idempotent: what is asked
 * for already is waited for, what is there already is written down.
 *
 * Thrown: TerminalError of what is no authority or has expired, `CA_STORE_WITHOUT_EFFECT`,
 * `CA_UPDATE_DOWNTIME`, `CA_ENTRIES_UNKNOWN`, `CA_LIMIT_REACHED`, or what became of the update.
 */
export function makeKeepCaTarget(ports: KeepCaPorts) {
  return async (input: KeepCaInput, updater: CaUpdater): Promise<TargetState | CaWaiting> => {
    const { source, target, wanted, asker } = input;
    const { service, store: name } = target;
    const place = { store: name, thumbprint: wanted.thumbprint };
    const ask = toAsk(ports, service, source, asker);
    const { record } = await ports.caLedger.read(service);
    const ended = record.done.find(({ change }) => change.id === ask.idOf(place));
    if (ended?.problem !== undefined) throw new TerminalError(ended.problem);
    const coming = comingTo(record, place);
    if (coming?.kind === 'add') {
      await updater.ensure(service);
      if (coming.waitsFor !== undefined) throw new TerminalError(coming.waitsFor);
      return waiting(service, record, ports.now());
    }
    const store = await ports.stores.observe(service);
    // What an update takes is put back by the next one.
    const isThere =
      !isLeaving(record, place) && store.entries.some((one) => caKey(one) === caKey(place));
    if (isThere && coming === undefined && isSettled(record, place, source)) {
      return present(place.thumbprint, true, landed(ended?.outcome, wanted.version));
    }
    await ports.ledger.claim(source, target);
    const version = await ports.certificates.readPublic(source);
    // What came meanwhile is judged first: whoever wakes looks at the vault.
    if (version.thumbprint !== wanted.thumbprint) {
      const says = `${formatSource(source)} shows another version meanwhile.`;
      return { kind: 'waiting', says, afterSeconds: 1 };
    }
    const judged = await judge(ports, Buffer.from(version.der, 'base64'), source, target);
    const { looks, der } = judged;
    const entry = toEntry(name, looks);
    if (isThere) {
      await ports.copies.keep(service, toCopy(looks), der);
      const next = await ports.caLedger.change(service, (current) => {
        if (isLeaving(current, place) || hasLeftSince(record, current, place)) {
          return { next: current, result: undefined };
        }
        const held = holdCa(current, entry, ask);
        return { next: held, result: held };
      });
      if (next === undefined) {
        return { kind: 'waiting', says: `${service} is being changed meanwhile.`, afterSeconds: 1 };
      }
      const before = new Set(record.waiting.map(({ id }) => id));
      if (next.waiting.some(({ id }) => !before.has(id))) await updater.request(service);
      return present(place.thumbprint, true, landed(ended?.outcome, wanted.version));
    }
    const useless = storeWithoutEffect(service, store.tier);
    if (useless !== undefined) throw new TerminalError(useless);
    const downtime = downtimeOf(service, store.tier);
    if (downtime !== undefined && ports.downtime === 'ask') throw new TerminalError(downtime);
    const known = new Set((await ports.copies.list(service)).map(({ thumbprint }) => thumbprint));
    const unknown = store.entries.filter(({ thumbprint }) => !known.has(thumbprint));
    if (unknown.length > 0) throw new TerminalError(entriesUnknown(service, unknown));
    await ports.copies.keep(service, toCopy(looks), der);
    const next = await ports.caLedger.change(service, (current) => {
      const asked = askForCa(current, entry, ask, store.entries);
      return { next: asked, result: asked };
    });
    await updater.request(service);
    return waiting(service, next, ports.now());
  };
}

/**
 * Takes a source's certificates out of a service's store, where nobody else holds them: asked again
 * until that is done. What others hold too stays.
 *
 * Thrown: TerminalError of what became of the update, or of what it waits for, e.g.
 * `CA_ENTRIES_UNKNOWN`, `CA_UPDATE_DOWNTIME`.
 */
export function makeLetCaTargetGo(ports: Pick<KeepCaPorts, 'caLedger' | 'overlapSeconds' | 'now'>) {
  return async (
    { source, target, asker }: Omit<KeepCaInput, 'wanted'>,
    updater: CaUpdater,
  ): Promise<TargetState | CaWaiting> => {
    const { service, store } = target;
    const ask = toAsk(ports, service, source, asker);
    const { record } = await ports.caLedger.read(service);
    const failed = record.done.find(
      ({ change, problem }) => problem !== undefined && change.id === ask.idOf(change),
    );
    if (failed?.problem !== undefined) throw new TerminalError(failed.problem);
    const next = await ports.caLedger.change(service, (current) => {
      const without = letCaGo(current, store, ask);
      return { next: without, result: without };
    });
    if (!isUnderWay(next, store, source)) return { kind: 'absent' };
    if (next === record || isUnderWay(record, store, source)) await updater.ensure(service);
    else await updater.request(service);
    const problem = waitsForOf(next, store, source);
    if (problem !== undefined) throw new TerminalError(problem);
    return waiting(service, next, ports.now());
  };
}

function toAsk(
  { overlapSeconds, now }: Pick<KeepCaPorts, 'overlapSeconds' | 'now'>,
  service: string,
  source: Source,
  asker: string,
): CaAsk {
  return {
    ...{ service, source, overlapSeconds, at: now().toISOString() },
    idOf: (place) =>
      createHash('sha256')
        .update(JSON.stringify([asker, formatSource(source), caKey(place)]))
        .digest('hex')
        .slice(0, 24),
  };
}

/** Whether the source holds an entry as its current one, and nothing of its earlier ones is open. */
function isSettled(record: CaRecord, place: CaPlace, source: Source): boolean {
  const open = record.held.filter(({ store, holders }) =>
    holders.some(
      (one) =>
        store === place.store &&
        one.kind === 'source' &&
        one.until === undefined &&
        formatSource(one.source) === formatSource(source),
    ),
  );
  return open.length === 1 && open.every((one) => caKey(one) === caKey(place));
}

function present(thumbprint: string, ofSource: boolean, pushedVersion?: string): TargetState {
  return {
    kind: 'present',
    installed: {
      reference: { kind: 'uploaded', ofSource },
      thumbprint,
      ...(pushedVersion === undefined ? {} : { pushedVersion }),
    },
  };
}

function landed(outcome: string | undefined, version: string): string | undefined {
  return outcome === 'added' ? version : undefined;
}

/** Thrown when the certificate may not stand in a store of authorities: TerminalError. */
async function judge(
  { readCaFile }: Pick<KeepCaPorts, 'readCaFile'>,
  der: Uint8Array,
  source: Source,
  target: CaTarget,
): Promise<JudgedCa> {
  const [judged] = (await readCaFile(der, undefined)).certificates;
  if (judged?.refused === undefined && judged !== undefined) return judged;
  throw new TerminalError({
    code: judged?.refused?.code ?? 'CERTIFICATE_MISSING',
    message: `${formatSource(source)} cannot be put at ${formatTarget(target)}: ${judged?.refused?.message ?? 'it holds no certificate.'}`,
    resource: formatSource(source),
    cure: 'Keep the certificate of an authority there, or detach it.',
  });
}

function waiting(service: string, { update }: CaRecord, now: Date): CaWaiting {
  if (update === undefined) {
    const says = `It waits for an update of the CA certificates of ${service}: ${CA_UPDATE_ESTIMATE}.`;
    return { kind: 'waiting', says, afterSeconds: 5 };
  }
  const age = now.getTime() - Date.parse(update.intendedAt);
  const minutes = String(Math.floor(age / 60_000));
  return {
    kind: 'waiting',
    says: `The CA certificates of ${service} are being updated: ${CA_UPDATE_ESTIMATE}; ${minutes} min so far.`,
    afterSeconds: age < 60_000 ? 5 : age < 600_000 ? 30 : 60,
  };
}
