/** A service with CA certificates, its clock, and what Certkeeper keeps of it: all in memory. */
import { createHash } from 'node:crypto';
import { makeAdvanceCaUpdate } from '../../functions/activities/ca/advance-ca-update.ts';
import { addCaCertificates } from '../../functions/triggers/ca/add-ca-certificates.ts';
import type { CaRoutePorts } from '../../functions/triggers/ca/ca-ports.ts';
import { removeCaCertificate } from '../../functions/triggers/ca/remove-ca-certificate.ts';
import { makeCaLedger } from '../../shared/azure/ca-ledger.ts';
import { makeCaStores } from '../../shared/azure/ca-stores.ts';
import type { Binding } from '../../shared/domain/binding.ts';
import type { CaProgress } from '../../shared/contracts/ca.ts';
import { caKey, CA_LIMIT, type CaEntry, type CaPlace } from '../../shared/domain/ca-entry.ts';
import { TransientError } from '../../shared/domain/errors.ts';
import type { CaUpdate } from '../../shared/domain/ca-record.ts';
import type { CaFile } from '../../shared/domain/ca-file.ts';
import type { CaCopies, CaCopy, CaData, CaStores } from '../../shared/domain/ca-ports.ts';
import { makeLooks } from './domain-samples.ts';
import { makeScriptedAzure, refuse, type Answer, type Sent } from './fake-http-client.ts';
import { makeMemoryTable } from './memory-table.ts';

export const SERVICE = 'contoso-gw';
const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso`;
const SERVICE_ID = `${GROUP}/providers/Microsoft.ApiManagement/service/${SERVICE}`;
const ARM = 'https://management.azure.com';

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
  tier: firstTier = 'Premium',
  takes = 1_200,
  entries = [],
  downtime = 'ask',
}: CaWorldOptions = {}) {
  let now = Date.parse('2026-11-27T12:00:00Z');
  let tier = firstTier;
  let held: readonly CaEntry[] = entries;
  let pending: Pending | undefined;
  let ids = 0;
  let refusals = 0;
  /** Removes what an update of ours is to lose, once. */
  let loses: ((next: readonly CaEntry[]) => readonly CaEntry[]) | undefined;
  let failsNext = false;
  /** The next request reaches Azure whatever its time. */
  let slips = false;
  /** Azure takes no update with these. */
  const bad = new Set<string>();
  const failed = new Set<string>();
  /** What the first question about the next update of ours is answered with. */
  let firstPoll: Answer | undefined;
  /** Azure forgets the next update of ours; without effect it changes nothing either. */
  let forgetsNext: { effect: boolean } | undefined;
  const forgotten = new Map<string, { effect: boolean }>();
  /** Runs once, between a look at the service and what is done by it. */
  let during: (() => Promise<unknown>) | undefined;
  /** Runs once, before one of the next calls. */
  let interrupt: { calls: number; run: () => Promise<unknown> } | undefined;
  let crashAt: { calls: number; before: boolean } | undefined;
  const patches: (readonly CaPlace[])[] = [];
  let watch: ((sent: SentUpdate) => void) | undefined;
  /** Every change of the store that came into force, and whose it was. */
  const steps: {
    at: number;
    by: Pending['by'];
    before: readonly CaEntry[];
    after: readonly CaEntry[];
  }[] = [];
  const known = new Map<string, CaEntry>();

  const settle = (): void => {
    if (pending === undefined || now < pending.endsAt) return;
    const { by, next, id, endsAt } = pending;
    pending = undefined;
    if (failed.has(id) || forgotten.get(id)?.effect === false) return;
    steps.push({ at: endsAt, by, before: held, after: next });
    held = next;
  };
  const begin = (by: Pending['by'], next: readonly CaEntry[], id = 'others'): void => {
    pending = { id, by, next, endsAt: now + takes * 1_000 };
    settle();
  };
  const cutIn = async (): Promise<void> => {
    if (interrupt === undefined) return;
    interrupt.calls -= 1;
    if (interrupt.calls > 0) return;
    const { run } = interrupt;
    interrupt = undefined;
    await run();
  };
  /** Carries a call out, unless the process ends at it, before or after it has acted. */
  const act = async <Value>(run: () => Value | Promise<Value>): Promise<Value> => {
    await Promise.resolve();
    if (crashAt === undefined) return await run();
    crashAt.calls -= 1;
    if (crashAt.calls > 0) return await run();
    const { before } = crashAt;
    crashAt = undefined;
    if (!before) await run();
    throw new Crash('the process is gone');
  };

  const call = async <Value>(run: () => Value | Promise<Value>): Promise<Value> => {
    await cutIn();
    return await act(run);
  };

  /** The service as Resource Manager has it, for the real client. */
  let sending: readonly CaData[] = [];
  const answerPatch = (): Answer => {
    settle();
    if (pending !== undefined) return refuse(409, 'ServiceLocked');
    if (sending.some((one) => bad.has(caKey(one)))) {
      refusals += 1;
      return refuse(400, 'ValidationError', 'A certificate is not valid.');
    }
    patches.push(sending.map(({ store, thumbprint }) => ({ store, thumbprint })));
    if (sending.length > CA_LIMIT) throw new Error('more than the service may hold was sent');
    const next = sending.map((one) => known.get(caKey(one)) ?? toUnnamed(one));
    const kept = loses?.(next) ?? next;
    loses = undefined;
    ids += 1;
    const id = `operation-${String(ids)}`;
    if (failsNext) failed.add(id);
    if (forgetsNext !== undefined) forgotten.set(id, forgetsNext);
    failsNext = false;
    forgetsNext = undefined;
    begin('us', kept, id);
    const location = `${ARM}${SERVICE_ID}/operationresults/${id}?api-version=2024-05-01`;
    return {
      status: 202,
      body: { id: SERVICE_ID, properties: { provisioningState: 'Updating' } },
      headers: { location, 'azure-asyncoperation': location },
    };
  };
  const answerPoll = ({ path }: Sent): Answer => {
    settle();
    const id = path.split('/').at(-1) ?? '';
    if (firstPoll !== undefined) {
      const answer = firstPoll;
      firstPoll = undefined;
      return answer;
    }
    if (forgotten.has(id)) return refuse(404, 'OperationNotFound');
    if (pending?.id === id) return { status: 200, body: { status: 'InProgress' } };
    if (!failed.has(id)) return { status: 200, body: { status: 'Succeeded' } };
    const error = { code: 'ActivationFailed', message: 'It did not start again.' };
    return { status: 200, body: { status: 'Failed', error } };
  };
  const { clients } = makeScriptedAzure((sent) => {
    if (sent.method === 'PATCH') return answerPatch();
    if (sent.path !== SERVICE_ID && !sent.path.includes('{')) return answerPoll(sent);
    return { status: 200, body: { id: SERVICE_ID, properties: { provisioningState: state() } } };
  });
  const state = () => (pending === undefined ? 'Succeeded' : 'Updating');
  const real = makeCaStores(clients, [
    { id: SERVICE_ID, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-contoso', name: SERVICE },
  ]);
  const inMemory = makeCaLedger(makeMemoryTable());
  const stores: CaStores = {
    observe: async () => {
      const seen = await call(() => {
        settle();
        return { serviceId: SERVICE_ID, tier, state: state(), entries: held };
      });
      const then = during;
      during = undefined;
      await then?.();
      return seen;
    },
    // What is sent are stand-ins for certificates; how it is asked about goes by the real client.
    startUpdate: (service, data, until) =>
      call(async () => {
        if (now >= until.getTime() && !slips) throw unanswered();
        slips = false;
        sending = data;
        const { length } = patches;
        const [before, at] = [held, tier];
        const { update } = (await inMemory.read(service)).record;
        try {
          return await real.startUpdate(service, [], new Date(Date.now() + 60_000));
        } finally {
          const [next] = patches.slice(length);
          if (next !== undefined && update !== undefined)
            watch?.({ before, next, tier: at, update });
        }
      }),
    pollUpdate: (service, operation) => call(() => real.pollUpdate(service, operation)),
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
      if (crashAt?.calls === 1 && crashAt.before) await act(() => undefined);
      const done = await inMemory.replace(service, stored, record);
      return act(() => done);
    },
    change: async (service, decide) => {
      await cutIn();
      if (crashAt?.calls === 1 && crashAt.before) await act(() => undefined);
      const result = await inMemory.change(service, decide);
      return act(() => result);
    },
  };
  const at = () => new Date(now);
  const advance = makeAdvanceCaUpdate({ stores, ledger, copies, downtime, now: at }, () => {
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
    ...{ stores, copies, readCaFile, rules: [], downtime, now: at },
    caLedger: ledger,
    ledger: {
      binding: (): Promise<Binding | undefined> => Promise.resolve(undefined),
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
    /** The record, without a call that anything could come before. */
    peek: async () => (await inMemory.read(SERVICE)).record,
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
    /** The service is of another tier from now on. */
    becomes: (other: string) => {
      tier = other;
    },
    losesNext: (change: (next: readonly CaEntry[]) => readonly CaEntry[]) => {
      loses = change;
    },
    /** Azure takes no update with this entry, until all is calm; asked twice, it does again. */
    refuses: (place: CaPlace) => {
      if (!bad.delete(caKey(place))) bad.add(caKey(place));
    },
    refusals: () => refusals,
    /** The next request of ours was on its way already when its time was over. */
    slipsNext: () => {
      slips = true;
    },
    failsNext: () => {
      failsNext = true;
    },
    /** The first question about the next update of ours is answered so, and not otherwise. */
    answersFirstPoll: (answer: Answer) => {
      firstPoll = answer;
    },
    /** Azure forgets the next update of ours, which changes the service or does not. */
    forgetsNext: (more: { effect: boolean }) => {
      forgetsNext = more;
    },
    /** Something happens between the next look at the service and what is done by it. */
    duringNextLook: (run: () => Promise<unknown>) => {
      during = run;
    },
    /** Something happens right before one of the next calls. */
    cutInAt: (calls: number, run: () => Promise<unknown>) => {
      interrupt = { calls, run };
    },
    /** Sees every update of ours that Azure takes. */
    watch: (seen: (sent: SentUpdate) => void) => {
      watch = seen;
    },
    /** Ends the process at one of the next calls, before or after that has acted. */
    crash: (calls: number, before: boolean) => {
      crashAt = { calls, before };
    },
    /** Nothing comes between any more, and nothing fails. */
    calm: () => {
      crashAt = undefined;
      interrupt = undefined;
      during = undefined;
      firstPoll = undefined;
      forgetsNext = undefined;
      loses = undefined;
      failsNext = false;
      bad.clear();
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
        if (progress.state === 'waiting') {
          now += (progress.afterSeconds ?? 1) * 1_000;
          settle();
        }
      }
      throw new Error(`It does not come to an end: ${JSON.stringify(seen.slice(-3))}`);
    },
  };
}

function unanswered(): TransientError {
  return new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'It was given up.' });
}

function toUnnamed({ store, thumbprint }: CaPlace): CaEntry {
  return { store, thumbprint, subject: '' };
}
