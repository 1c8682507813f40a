/** A service with CA certificates, its clock, and what Certkeeper keeps of it: all in memory. */
import { createHash } from 'node:crypto';
import { makeAdvanceCaUpdate } from '../../functions/activities/ca/advance-ca-update.ts';
import { addCaCertificates } from '../../functions/triggers/ca/add-ca-certificates.ts';
import type { CaRoutePorts } from '../../functions/triggers/ca/ca-ports.ts';
import { removeCaCertificate } from '../../functions/triggers/ca/remove-ca-certificate.ts';
import { makeCaLedger } from '../../shared/azure/ca-ledger.ts';
import type { CaProgress } from '../../shared/contracts/ca.ts';
import { caKey, CA_LIMIT, type CaEntry, type CaPlace } from '../../shared/domain/ca-entry.ts';
import type { CaFile } from '../../shared/domain/ca-file.ts';
import type { CaCopies, CaCopy, CaData, CaStores } from '../../shared/domain/ca-ports.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { makeLooks } from './domain-samples.ts';
import { makeMemoryTable } from './memory-table.ts';

export const SERVICE = 'contoso-gw';

/** Thrown in place of an answer: the process is gone, and whether it had acted nobody knows. */
export class Crash extends Error {}

/** A certificate that the reader of files in these tests knows by its number. */
export function sampleCa(number: number): { der: Uint8Array; entry: CaEntry } {
  const der = Buffer.from(`certificate ${String(number)}`);
  const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase();
  const entry = {
    store: number % 2 === 0 ? 'Root' : 'CertificateAuthority',
    ...{ thumbprint, subject: `CN=ca-${String(number)}`, expiresAt: '2036-01-01T00:00:00.000Z' },
  } as const;
  return { der, entry };
}

interface Pending {
  readonly id: string;
  readonly by: 'us' | 'others';
  readonly next: readonly CaEntry[];
  readonly endsAt: number;
}

export interface CaWorldOptions {
  readonly tier?: string;
  /** Seconds that an update takes. */
  readonly takes?: number;
  readonly entries?: readonly CaEntry[];
}

export type CaWorld = ReturnType<typeof makeCaWorld>;

export function makeCaWorld({
  tier = 'Premium',
  takes = 1_200,
  entries = [],
}: CaWorldOptions = {}) {
  let now = Date.parse('2026-11-27T12:00:00Z');
  let held: readonly CaEntry[] = entries;
  let pending: Pending | undefined;
  let ids = 0;
  /** Removes what an update of ours is to lose, once. */
  let loses: ((next: readonly CaEntry[]) => readonly CaEntry[]) | undefined;
  let failsNext = false;
  const failed = new Set<string>();
  let crashAt: { calls: number; before: boolean } | undefined;
  const patches: (readonly CaPlace[])[] = [];
  /** Every change of the store that came into force, and whose it was. */
  const steps: { by: Pending['by']; before: readonly CaEntry[]; after: readonly CaEntry[] }[] = [];
  const known = new Map<string, CaEntry>();

  const settle = (): void => {
    if (pending === undefined || now < pending.endsAt) return;
    const { by, next, id } = pending;
    pending = undefined;
    if (failed.has(id)) return;
    steps.push({ by, before: held, after: next });
    held = next;
  };
  const begin = (by: Pending['by'], next: readonly CaEntry[]): string => {
    ids += 1;
    const id = `operation-${String(ids)}`;
    pending = { id, by, next, endsAt: now + takes * 1_000 };
    settle();
    return id;
  };
  /** Carries a call out, unless the process ends at it, before or after it has acted. */
  const act = async <Value>(run: () => Value): Promise<Value> => {
    await Promise.resolve();
    if (crashAt === undefined) return run();
    crashAt.calls -= 1;
    if (crashAt.calls > 0) return run();
    const { before } = crashAt;
    crashAt = undefined;
    if (!before) run();
    throw new Crash('the process is gone');
  };

  const stores: CaStores = {
    observe: () =>
      act(() => {
        settle();
        const state = pending === undefined ? 'Succeeded' : 'Updating';
        return { serviceId: `/services/${SERVICE}`, tier, state, entries: held };
      }),
    startUpdate: (_service, data: readonly CaData[]) =>
      act(() => {
        settle();
        if (pending !== undefined) return { kind: 'locked', afterSeconds: 30 };
        patches.push(data.map(({ store, thumbprint }) => ({ store, thumbprint })));
        if (data.length > CA_LIMIT) throw new Error('more than the service may hold was sent');
        const next = data.map((one) => known.get(caKey(one)) ?? toUnnamed(one));
        const kept = loses?.(next) ?? next;
        loses = undefined;
        const operation = begin('us', kept);
        if (failsNext) failed.add(operation);
        failsNext = false;
        return { kind: 'started', operation };
      }),
    pollUpdate: (_service, operation) =>
      act(() => {
        settle();
        if (pending?.id === operation) return 'running';
        if (failed.has(operation)) {
          throw new TerminalError({ code: 'AZURE_REFUSED', message: 'The update failed.' });
        }
        return 'done';
      }),
    usesOf: () => Promise.resolve([]),
  };
  const rows = new Map<string, { copy: CaCopy; der: Uint8Array }>();
  const copies: CaCopies = {
    list: () => act(() => [...rows.values()].map(({ copy }) => copy)),
    keep: (_service, copy, der) =>
      act(() => {
        rows.set(copy.thumbprint, { copy, der });
      }),
    read: (_service, thumbprint) =>
      act(() => {
        const found = rows.get(thumbprint);
        if (found === undefined) throw new Error('no copy of what is to be sent');
        return found.der;
      }),
  };
  const inMemory = makeCaLedger(makeMemoryTable());
  const ledger: typeof inMemory = {
    read: async (service) => {
      const stored = await inMemory.read(service);
      return act(() => stored);
    },
    replace: async (service, stored, record) => {
      // The write itself is another process's: it happens, or it does not.
      if (crashAt?.calls === 1 && crashAt.before) await act(() => undefined);
      const done = await inMemory.replace(service, stored, record);
      return act(() => done);
    },
    change: async (service, decide) => {
      if (crashAt?.calls === 1 && crashAt.before) await act(() => undefined);
      const result = await inMemory.change(service, decide);
      return act(() => result);
    },
  };
  const at = () => new Date(now);
  const advance = makeAdvanceCaUpdate({ stores, ledger, copies, now: at }, () => {
    ids += 1;
    return `update-${String(ids)}`;
  });
  const readCaFile = (file: Uint8Array): Promise<CaFile> => {
    const numbers = JSON.parse(Buffer.from(file).toString()) as number[];
    const certificates = numbers.map((number) => {
      const { der, entry } = sampleCa(number);
      known.set(caKey(entry), entry);
      const { store, thumbprint, subject } = entry;
      const looks = makeLooks({ thumbprint, subject, notAfter: '2036-01-01T00:00:00.000Z' });
      return { der, looks, store, warnings: [] };
    });
    return Promise.resolve({ certificates, repeated: 0, warnings: [] });
  };
  const routePorts: Omit<CaRoutePorts, 'services' | 'requestUpdate'> = {
    ...{ stores, copies, readCaFile, rules: [], downtime: 'ask', now: at },
    caLedger: ledger,
    ledger: {
      binding: () => Promise.resolve(undefined),
      claimsOf: () => Promise.resolve(new Map()),
      record: () => Promise.reject(new Crash()),
    },
    newId: () => {
      ids += 1;
      return `change-${String(ids)}`;
    },
  };
  const asker = { by: { kind: 'function-key' }, mayManage: true } as const;

  return {
    ...{ stores, ledger, copies, patches, steps, asker, routePorts },
    entries: (): readonly CaEntry[] => {
      settle();
      return held;
    },
    keys: (): readonly string[] => {
      settle();
      return held.map(caKey);
    },
    now: at,
    pass: (seconds: number) => {
      now += seconds * 1_000;
      settle();
    },
    /** Somebody else changes the store; false while the service is being changed. */
    others: (change: (entries: readonly CaEntry[]) => readonly CaEntry[]): boolean => {
      settle();
      if (pending !== undefined) return false;
      begin('others', change(held));
      return true;
    },
    losesNext: (change: (next: readonly CaEntry[]) => readonly CaEntry[]) => {
      loses = change;
    },
    failsNext: () => {
      failsNext = true;
    },
    /** Ends the process at one of the next calls, before or after that has acted. */
    crash: (calls: number, before: boolean) => {
      crashAt = { calls, before };
    },
    noCrash: () => {
      crashAt = undefined;
    },
    /** There is a copy of this certificate, as if it had been uploaded some day. */
    keepCopy: async (number: number) => {
      const { certificates } = await readCaFile(Buffer.from(JSON.stringify([number])));
      for (const { looks, der } of certificates) await copies.keep(SERVICE, looks, der);
    },
    upload: (numbers: readonly number[], more: { acceptDowntime?: boolean } = {}) =>
      addCaCertificates(routePorts, {
        service: SERVICE,
        file: Buffer.from(JSON.stringify(numbers)),
        ...{ password: undefined, store: undefined, asker },
        acceptDowntime: more.acceptDowntime ?? false,
      }),
    remove: (place: CaPlace, unknownToo = false) =>
      removeCaCertificate(routePorts, {
        ...{ service: SERVICE, place, unknownToo, asker },
        acceptDowntime: false,
      }),
    advance: () => advance({ service: SERVICE }),
    /** Steps, and lets time pass, until nothing is left to do. */
    async finish(): Promise<readonly CaProgress[]> {
      const seen: CaProgress[] = [];
      for (let steps = 0; steps < 600; steps += 1) {
        const progress = await advance({ service: SERVICE });
        seen.push(progress);
        if (progress.state === 'ended') return seen;
        if (progress.state === 'waiting') {
          now += (progress.afterSeconds ?? 1) * 1_000;
          settle();
        }
      }
      throw new Error(`It does not come to an end: ${JSON.stringify(seen.slice(-3))}`);
    },
  };
}

function toUnnamed({ store, thumbprint }: CaPlace): CaEntry {
  return { store, thumbprint, subject: '' };
}
