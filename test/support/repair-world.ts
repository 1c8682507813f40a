/** A service's documents, copies and the ledger of repairs in memory, which can crash at any write. */
import { makeRepairs } from '../../shared/azure/repairs/repairs.ts';
import type { CertificateReference } from '../../shared/domain/certificate-use.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { UsageIndex, UsageScanner } from '../../shared/domain/usage-ports.ts';
import type { BackendCertificates } from '../../shared/domain/repair.ts';
import type {
  DocumentCopies,
  ReferenceDocuments,
  Repairs,
} from '../../shared/domain/repair-ports.ts';
import { NOW, OLD_THUMBPRINT, TARGET } from './domain-samples.ts';
import { makeMemoryHistory } from './memory-history.ts';
import { makeMemoryLedger } from './memory-ledger.ts';
import { makeMemoryTable } from './memory-table.ts';

/** Something that no code expects: the process is gone. */
export class Crash extends Error {}

export interface RepairWorld {
  /** Policies and fragments by path. */
  readonly policies: Map<string, string>;
  readonly backends: Map<string, BackendCertificates>;
  /** Plain named values by path. */
  readonly namedValues: Map<string, string>;
  readonly copied: Map<string, string>;
  readonly history: ReturnType<typeof makeMemoryHistory>;
  readonly ledger: ReturnType<typeof makeMemoryLedger>;
  readonly repairs: Repairs;
  /** What was written, in order: `policy apis/…`, `copy …`, `row intended`. */
  readonly writes: string[];
  now: Date;
  /** How often API Management was looked through, and its certificates were listed. */
  scans: number;
  lists: number;
  /** Called right before a document is written. */
  beforeWrite: (path: string) => void;
  /** The write that the process does not survive: before or after it is made. */
  crash: { readonly at: number; readonly when: 'before' | 'after' } | undefined;
  /** Counts a change by somebody else: the ETag of what is there moves on. */
  touch(path: string): void;
  readonly ports: {
    readonly documents: ReferenceDocuments;
    readonly copies: DocumentCopies;
    readonly repairs: Repairs;
    readonly history: ReturnType<typeof makeMemoryHistory>;
    readonly ledger: ReturnType<typeof makeMemoryLedger>;
    readonly index: Pick<UsageIndex, 'ofThumbprint'>;
    readonly scanner: UsageScanner;
    readonly certificates: {
      list: () => AsyncGenerator<{
        id: string;
        installed: { reference: { kind: 'uploaded' }; thumbprint: string };
      }>;
    };
    readonly pushed: RepairWorld['ports']['certificates'];
    readonly rewrite: (
      text: string,
      from: string,
      toId: string,
    ) => { text: string; changed: number };
    readonly now: () => Date;
  };
}

export interface RepairFacts {
  readonly policies?: Readonly<Record<string, string>>;
  readonly backends?: Readonly<Record<string, BackendCertificates>>;
  readonly namedValues?: Readonly<Record<string, string>>;
  /** What the index knows; the scanner finds `live`, or the same. */
  readonly references?: readonly CertificateReference[];
  readonly leftOut?: number;
  readonly live?: readonly CertificateReference[];
  /** Thumbprints of other certificates of the service, by their id. */
  readonly others?: Readonly<Record<string, string>>;
}

/** A policy that presents a certificate by its thumbprint. */
export function policyWith(thumbprint: string): string {
  return `<policies>\r\n\t<inbound>\r\n\t\t<authentication-certificate thumbprint="${thumbprint}" />\r\n\t</inbound>\r\n</policies>`;
}

export function referenceIn(
  document: string,
  more: Partial<CertificateReference> = {},
): CertificateReference {
  const kind = document.includes('backends/') ? 'backend' : 'policy';
  return {
    ...{ document, kind, at: 'credentials.certificate[0]', by: 'thumbprint' },
    ...{ certainty: 'certain', repairable: true },
    ...more,
  };
}

export function makeRepairWorld(facts: RepairFacts = {}): RepairWorld {
  const policies = new Map(Object.entries(facts.policies ?? {}));
  const backends = new Map(Object.entries(facts.backends ?? {}));
  const namedValues = new Map(Object.entries(facts.namedValues ?? {}));
  const copied = new Map<string, string>();
  const etags = new Map<string, number>();
  const etagOf = (path: string): string => `"${String(etags.get(path) ?? 1)}"`;
  const touch = (path: string): void => {
    etags.set(path, (etags.get(path) ?? 1) + 1);
  };
  const history = makeMemoryHistory();
  const ledger = makeMemoryLedger();
  const writes: string[] = [];
  const stored = makeRepairs(makeMemoryTable());

  const write = async <Result>(
    what: string,
    act: () => Promise<Result> | Result,
  ): Promise<Result> => {
    const number = writes.push(what);
    const { crash } = world;
    if (crash?.at === number && crash.when === 'before') throw new Crash(what);
    const result = await act();
    if (crash?.at === number && crash.when === 'after') throw new Crash(what);
    return result;
  };
  const change = async (path: string, etag: string | undefined, act: () => void) =>
    await write(`change ${path}`, () => {
      world.beforeWrite(path);
      if (etag !== etagOf(path)) {
        throw new TerminalError({ code: 'TARGET_CHANGED', message: 'Somebody changed it.' });
      }
      act();
      touch(path);
      return { etag: etagOf(path) };
    });
  const repairs: Repairs = {
    ...stored,
    save: async (repair) =>
      await write(`row ${repair.status} ${repair.document}`, () => stored.save(repair)),
    refuse: async (key, refusal) => await write('refusal', () => stored.refuse(key, refusal)),
    replace: async (before, repair) =>
      await write(`row ${repair.status} ${repair.document}`, () => stored.replace(before, repair)),
  };
  const certificates = {
    async *list() {
      world.lists += 1;
      for (const [id, thumbprint] of Object.entries(facts.others ?? {})) {
        yield { id, installed: { reference: { kind: 'uploaded' as const }, thumbprint } };
      }
    },
  };

  const world: RepairWorld = {
    policies,
    backends,
    namedValues,
    copied,
    history,
    ledger,
    repairs: stored,
    writes,
    now: new Date(NOW),
    scans: 0,
    lists: 0,
    beforeWrite: () => undefined,
    crash: undefined,
    touch,
    ports: {
      documents: {
        readPolicy: async (_service, path) => {
          const text = policies.get(path);
          return text === undefined ? undefined : { text, etag: etagOf(path) };
        },
        writePolicy: async (_service, path, seen, text) =>
          await change(path, seen.etag, () => policies.set(path, text)),
        readBackend: async (_service, path) => {
          const found = backends.get(path);
          return found === undefined
            ? undefined
            : { certificates: found, etag: etagOf(path), parts: {} };
        },
        writeBackend: async (_service, path, seen, wanted) => ({
          ...(await change(path, seen.etag, () => backends.set(path, wanted))),
          lost: [],
        }),
        async *listNamedValues() {
          for (const [path, value] of namedValues) yield { path, value };
        },
        readNamedValue: async (_service, path) => {
          const value = namedValues.get(path);
          return value === undefined ? undefined : { path, value, etag: etagOf(path) };
        },
        writeNamedValue: async (_service, path, seen, value) =>
          await change(path, seen.etag, () => namedValues.set(path, value)),
        certificateId: ({ id }) => `/certificates/${id}`,
      },
      copies: {
        save: async (name, text) => {
          await write(`copy ${name}`, () => copied.set(name, text));
        },
        read: async (name) => copied.get(name),
      },
      repairs,
      history: {
        ...history,
        add: async (entry) => await write(`history ${entry.what}`, () => history.add(entry)),
      },
      ledger,
      index: {
        ofThumbprint: async () => ({
          asOf: NOW,
          references: facts.references ?? [],
          ...(facts.leftOut === undefined ? {} : { leftOut: facts.leftOut }),
        }),
      },
      scanner: {
        scan: async () => {
          world.scans += 1;
          return {
            asOf: NOW,
            of: () => facts.live ?? facts.references ?? [],
            ofSource: () => [],
          };
        },
      },
      certificates,
      pushed: certificates,
      // The real one has tests of its own: here it matters what becomes of what it answers.
      rewrite: (text, from, toId) => ({
        text: text.replaceAll(`thumbprint="${from}"`, `certificate-id="${toId}"`),
        changed: text.split(`thumbprint="${from}"`).length - 1,
      }),
      now: () => world.now,
    },
  };
  return world;
}

/** The course of one repair, as the orchestration asks for it. */
export const COURSE = {
  source: { vault: 'contoso-kv', name: 'gateway-client' },
  target: TARGET,
  thumbprints: [OLD_THUMBPRINT],
  operation: 'sync-test',
  at: '2026-07-25T01:08:00.000Z',
} as const;

/** Runs until nothing crashes any more, as the engine does; at most a few times. */
export async function untilDone<Result>(
  world: RepairWorld,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    world.crash = undefined;
    return await run();
  }
}

export async function allRepairs(world: RepairWorld) {
  const all = [];
  for await (const { repair } of world.repairs.list()) all.push(repair);
  return all;
}
