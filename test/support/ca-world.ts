/** A service with CA certificates, its clock, and what Certkeeper keeps of it: all in memory. */
import { makeAdvanceCaUpdate } from '../../functions/activities/ca/advance-ca-update.ts';
import { addCaCertificates } from '../../functions/triggers/ca/add-ca-certificates.ts';
import type { CaRoutePorts } from '../../functions/triggers/ca/ca-ports.ts';
import { removeCaCertificate } from '../../functions/triggers/ca/remove-ca-certificate.ts';
import { makeCaLedger } from '../../shared/azure/ca-ledger.ts';
import type { Binding } from '../../shared/domain/binding.ts';
import type { CaProgress } from '../../shared/contracts/ca.ts';
import type { CaEntry, CaPlace } from '../../shared/domain/ca-entry.ts';
import { TransientError } from '../../shared/domain/errors.ts';
import type { CaUpdate } from '../../shared/domain/ca-record.ts';
import type { CaFile } from '../../shared/domain/ca-file.ts';
import type { CaCopies, CaCopy, CaStores } from '../../shared/domain/ca-ports.ts';
import { Crash, makeCaInterruptions } from './ca-interruptions.ts';
import { makeCaService, SERVICE } from './ca-service.ts';
import { makeLooks } from './domain-samples.ts';
import { makeMemoryTable } from './memory-table.ts';
import { sampleCa } from './sample-ca.ts';

/** An update of ours that Azure took. */
export interface SentUpdate {
  readonly before: readonly CaEntry[];
  readonly next: readonly CaPlace[];
  readonly tier: string;
  readonly update: CaUpdate;
}

export interface CaWorldOptions {
  readonly tier?: string;
  /** Seconds that an update takes. */
  readonly takes?: number;
  readonly entries?: readonly CaEntry[];
  /** `CERTKEEPER_CA_DOWNTIME`. */
  readonly downtime?: 'ask' | 'accept';
}

export type CaWorld = ReturnType<typeof makeCaWorld>;

export function makeCaWorld({
  tier = 'Premium',
  takes = 1_200,
  entries = [],
  downtime = 'ask',
}: CaWorldOptions = {}) {
  const azure = makeCaService({ tier, takes, entries });
  const interruptions = makeCaInterruptions();
  const { act, call, cutIn, cutInAt, crash, endsBefore } = interruptions;
  /** The next request reaches Azure whatever its time. */
  let slips = false;
  /** Runs once, between a look at the service and what is done by it. */
  let during: (() => Promise<unknown>) | undefined;
  let watch: ((sent: SentUpdate) => void) | undefined;
  const inMemory = makeCaLedger(makeMemoryTable());
  const stores: CaStores = {
    observe: async () => {
      const seen = await call(azure.observe);
      const then = during;
      during = undefined;
      await then?.();
      return seen;
    },
    // What is sent are stand-ins for certificates; how it is asked about goes by the real client.
    startUpdate: (service, data, until) =>
      call(async () => {
        if (azure.now().getTime() >= until.getTime() && !slips) throw unanswered();
        slips = false;
        const { length } = azure.patches;
        const [before, at] = [azure.entries(), azure.tier()];
        const { update } = (await inMemory.read(service)).record;
        try {
          return await azure.send(service, data);
        } finally {
          const [next] = azure.patches.slice(length);
          if (next !== undefined && update !== undefined)
            watch?.({ before, next, tier: at, update });
        }
      }),
    pollUpdate: (service, operation) => call(() => azure.pollUpdate(service, operation)),
    usesOf: () => Promise.resolve([]),
  };
  const rows = new Map<string, { copy: CaCopy; der: Uint8Array }>();
  const copies: CaCopies = {
    list: () => call(() => [...rows.values()].map(({ copy }) => copy)),
    keep: (_service, copy, der) =>
      call(() => {
        rows.set(copy.thumbprint, { copy, der });
      }),
    read: (_service, thumbprint) =>
      call(() => {
        const found = rows.get(thumbprint);
        if (found === undefined) throw new Error('no copy of what is to be sent');
        return found.der;
      }),
  };
  const ledger: typeof inMemory = {
    read: async (service) => {
      await cutIn();
      const stored = await inMemory.read(service);
      return act(() => stored);
    },
    replace: async (service, stored, record) => {
      await cutIn();
      // The write itself is another process's: it happens, or it does not.
      if (endsBefore()) await act(() => undefined);
      const done = await inMemory.replace(service, stored, record);
      return act(() => done);
    },
    change: async (service, decide) => {
      await cutIn();
      if (endsBefore()) await act(() => undefined);
      const result = await inMemory.change(service, decide);
      return act(() => result);
    },
  };
  const { now } = azure;
  const advance = makeAdvanceCaUpdate({ stores, ledger, copies, downtime, now }, () =>
    azure.newId('update'),
  );
  const readCaFile = (file: Uint8Array): Promise<CaFile> => {
    const numbers = JSON.parse(Buffer.from(file).toString()) as number[];
    const certificates = numbers.map((number) => {
      const { der, entry } = sampleCa(number);
      azure.knows(entry);
      const { store, thumbprint, subject } = entry;
      const looks = makeLooks({ thumbprint, subject, notAfter: '2036-01-01T00:00:00.000Z' });
      return { der, looks, store, warnings: [] };
    });
    return Promise.resolve({ certificates, repeated: 0, warnings: [] });
  };
  const routePorts: Omit<CaRoutePorts, 'services' | 'requestUpdate'> = {
    ...{ stores, copies, readCaFile, rules: [], downtime, now },
    caLedger: ledger,
    ledger: {
      binding: (): Promise<Binding | undefined> => Promise.resolve(undefined),
      claimsOf: () => Promise.resolve(new Map()),
      record: () => Promise.reject(new Crash()),
    },
    newId: () => azure.newId('change'),
  };
  const asker = { by: { kind: 'function-key' }, mayManage: true } as const;

  return {
    ...azure,
    ...{ stores, ledger, copies, asker, routePorts, cutInAt, crash },
    /** The record, without a call that anything could come before. */
    peek: async () => (await inMemory.read(SERVICE)).record,
    /** The next request of ours was on its way already when its time was over. */
    slipsNext: () => {
      slips = true;
    },
    /** Something happens between the next look at the service and what is done by it. */
    duringNextLook: (run: () => Promise<unknown>) => {
      during = run;
    },
    /** Sees every update of ours that Azure takes. */
    watch: (seen: (sent: SentUpdate) => void) => {
      watch = seen;
    },
    /** Nothing comes between any more, and nothing fails. */
    calm: () => {
      interruptions.calm();
      azure.calm();
      during = undefined;
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
    remove: (place: CaPlace, unknownToo = false, more: { acceptDowntime?: boolean } = {}) =>
      removeCaCertificate(routePorts, {
        ...{ service: SERVICE, place, unknownToo, asker },
        acceptDowntime: more.acceptDowntime ?? false,
      }),
    advance: () => advance({ service: SERVICE }),
    /** Steps, and lets time pass, until nothing is left to do. */
    async finish(): Promise<readonly CaProgress[]> {
      const seen: CaProgress[] = [];
      for (let steps = 0; steps < 600; steps += 1) {
        const progress = await advance({ service: SERVICE });
        seen.push(progress);
        if (progress.state === 'ended') return seen;
        if (progress.state === 'waiting') azure.pass(progress.afterSeconds ?? 1);
      }
      throw new Error(`It does not come to an end: ${JSON.stringify(seen.slice(-3))}`);
    },
  };
}

function unanswered(): TransientError {
  return new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'It was given up.' });
}
