/** A vault, a service and Certkeeper's own memory, in memory: what cleaning up sees of the world. */
import { makeCleanUpService } from '../../functions/activities/cleanup/clean-up-service.ts';
import { makeSurveyVault } from '../../functions/activities/survey-vault.ts';
import { makeCleanups } from '../../shared/azure/cleanups.ts';
import type { Binding, SourceRecord } from '../../shared/domain/binding.ts';
import type { CertificateReference } from '../../shared/domain/certificate-use.ts';
import type { CleanupPolicy, SourceSighting } from '../../shared/domain/cleanup.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { OutcomeEvent } from '../../shared/domain/event-ports.ts';
import type { ListedSource } from '../../shared/domain/vault-ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { targetKey, type Target } from '../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../shared/domain/target-state.ts';
import { makeMemoryHistory } from './memory-history.ts';
import { makeMemoryLedger } from './memory-ledger.ts';
import { makeMemoryTable } from './memory-table.ts';
import { makeBinding, makeInstalled, NEW_THUMBPRINT, SOURCE, TARGET } from './domain-samples.ts';

export const SERVICE = 'contoso-gw';
export const VAULT = 'contoso-kv';
/** Something else in the vault, older than anything that is verified. */
export const WITNESS: Source = { vault: VAULT, name: 'witness' };
const LONG_AGO = '2025-01-01T00:00:00.000Z';
export const START = '2026-08-01T00:00:00.000Z';
const DAY_MS = 86_400_000;

export const REMOVING: CleanupPolicy = {
  mode: 'remove',
  graceSeconds: 7 * 86_400,
  afterRecovery: false,
  discovered: false,
  maxShare: 0.25,
};

/** A certificate in the vault; what is purged is not in it any more. */
interface InVault {
  readonly source: Source;
  readonly thumbprint: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly recoverableUntil?: string;
}

export class PowerCut extends Error {}

export function makeCleanupWorld(
  options: {
    readonly bindings?: readonly Binding[];
    readonly records?: readonly SourceRecord[];
    readonly policy?: Partial<CleanupPolicy>;
  } = {},
) {
  const { bindings = [makeBinding({ targetThumbprint: NEW_THUMBPRINT })], records = [] } = options;
  let now = Date.parse(START);
  const iso = () => new Date(now).toISOString();
  const vault = new Map<string, InVault>();
  const installed = new Map<string, InstalledCertificate>();
  const references = new Map<string, readonly CertificateReference[]>();
  const events: OutcomeEvent[] = [];
  const removals: string[] = [];
  const syncs: string[] = [];
  let etags = 0;
  let cutAt: { readonly write: number; readonly when: 'before' | 'after' } | undefined;
  let writes = 0;

  /** Every write goes through it: a power cut may come before or after any. */
  const write = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    writes += 1;
    const cut = cutAt?.write === writes ? cutAt.when : undefined;
    if (cut === 'before') throw new PowerCut();
    const result = await run();
    if (cut === 'after') throw new PowerCut();
    return result;
  };
  const guard = <Port extends object>(port: Port, names: readonly (keyof Port)[]): Port => {
    const guarded = { ...port };
    for (const name of names) {
      const method = port[name] as (...given: unknown[]) => Promise<unknown>;
      guarded[name] = ((...given: unknown[]) =>
        write(() => method.apply(port, given))) as Port[typeof name];
    }
    return guarded;
  };

  const memory = makeMemoryLedger(bindings, records);
  const rows = makeCleanups(makeMemoryTable());
  const past = makeMemoryHistory();
  const ledger = guard(memory, [
    'save',
    'saveBinding',
    'saveOrphans',
    'clearOrphans',
    'release',
    'claim',
  ]);
  const cleanups = guard(rows, ['add', 'replace', 'confirm', 'close', 'doubt']);
  const history = guard(past, ['add']);
  const publisher = guard(
    {
      publish: async (some: readonly OutcomeEvent[]) => {
        events.push(...some);
      },
    },
    ['publish'],
  );

  const put = (source: Source, more: Partial<InVault> = {}): void => {
    vault.set(formatSource(source), {
      ...{ source, thumbprint: NEW_THUMBPRINT, createdAt: LONG_AGO, tags: {} },
      ...more,
    });
  };
  const install = (target: Target, more: Partial<InstalledCertificate> = {}): void => {
    etags += 1;
    installed.set(targetKey(target), makeInstalled({ etag: `"${String(etags)}"`, ...more }));
  };
  put(WITNESS);
  for (const { source, target, pushed } of bindings) {
    put(source);
    const secret = { source, collection: 'secrets' } as const;
    install(target, {
      reference:
        target.kind === 'workspace-certificate'
          ? { kind: 'uploaded' }
          : { kind: 'key-vault', secret },
      ...(pushed === undefined ? {} : { thumbprint: pushed.thumbprint }),
    });
  }

  const sight = jest.fn(async (source: Source): Promise<SourceSighting> => {
    const found = vault.get(formatSource(source));
    if (found === undefined) return { kind: 'traceless' };
    const { recoverableUntil, createdAt, tags } = found;
    return recoverableUntil === undefined
      ? { kind: 'present' }
      : { kind: 'soft-deleted', recoverableUntil, createdAt, tags };
  });
  const list = jest.fn(async function* (name: string): AsyncGenerator<ListedSource> {
    for (const { source, recoverableUntil, ...shown } of [...vault.values()]) {
      if (recoverableUntil !== undefined || source.vault !== name) continue;
      yield await Promise.resolve({ source, enabled: true, ...shown });
    }
  });
  const scan = jest.fn(async () => ({
    asOf: iso(),
    of: (target: Target) => references.get(targetKey(target)) ?? [],
    ofSource: () => [],
  }));
  const observe = jest.fn(async (target: Target) => {
    const found = installed.get(targetKey(target));
    return found === undefined
      ? ({ kind: 'absent' } as const)
      : ({ kind: 'present', installed: found } as const);
  });
  const remove = jest.fn(async (target: Target, etag: string) => {
    const key = targetKey(target);
    const found = installed.get(key);
    if (found === undefined) return;
    if (found.etag !== etag) {
      throw new TerminalError({ code: 'TARGET_CHANGED', message: 'it was changed' });
    }
    removals.push(key);
    installed.delete(key);
  });
  const takeBack = jest.fn(async () => ({ takenBack: [], left: [] }));
  const vaultOf = jest.fn(async (): Promise<never> => {
    throw new TerminalError({ code: 'CERTKEEPER_PERMISSION_MISSING', message: 'not allowed' });
  });
  const shared = { ledger, cleanups, history, publisher, now: () => new Date(now) };
  const surveyPorts = {
    ...shared,
    vaults: {
      ...{ sight, list },
      readCurrent: jest.fn(async () => ({ kind: 'missing' }) as const),
      versions: jest.fn(async () => []),
    },
    access: { vault: vaultOf },
    pushed: { observe },
    repair: false,
  };
  const survey = makeSurveyVault(surveyPorts);
  const cleanUp = makeCleanUpService({
    ...shared,
    vaults: { sight },
    scanner: { scan },
    pushed: { observe, remove: (target, etag) => write(() => remove(target, etag)) },
    takeBack: () => write(takeBack),
    policy: { ...REMOVING, ...options.policy },
    vaultSuffix: 'vault.azure.net',
  });

  const world = {
    ledger: memory,
    cleanups: rows,
    history: past,
    vault,
    installed,
    events,
    syncs,
    /** What was removed at the service, by key, in order. */
    removals,
    ports: { ...surveyPorts, scan, observe, remove, takeBack },
    now: iso,
    pass: (days: number) => {
      now += days * DAY_MS;
    },
    put,
    install,
    use: (target: Target, ...some: readonly CertificateReference[]) =>
      references.set(targetKey(target), some),
    softDelete: (source: Source, days = 90) => {
      const found = vault.get(formatSource(source));
      if (found === undefined) throw new Error('it is not there');
      put(source, { ...found, recoverableUntil: new Date(now + days * DAY_MS).toISOString() });
    },
    recover: (source: Source) => {
      const { recoverableUntil: _, ...found } = vault.get(formatSource(source)) ?? {};
      vault.delete(formatSource(source));
      put(source, found);
    },
    purge: (source: Source) => vault.delete(formatSource(source)),
    cut: (at: typeof cutAt) => {
      cutAt = at;
      writes = 0;
    },
    /** A survey as the sweep asks for it. */
    survey: (more: { readonly dryRun?: boolean } = {}) =>
      survey({ vault: VAULT, operation: 'sweep', at: iso(), ...more }, async (source) => {
        syncs.push(formatSource(source));
      }),
    cleanUp: (
      more: {
        readonly vaults?: readonly string[];
        readonly after?: string;
        readonly dryRun?: boolean;
        readonly forget?: true;
      } = {},
    ) => cleanUp({ service: SERVICE, vaults: [VAULT], operation: 'sweep', at: iso(), ...more }),
    /** What the sweep does of both: nothing is cleaned up for a vault that is not believed. */
    async sweep() {
      const seen = await world.survey().catch(() => ({ believed: false }));
      return await world.cleanUp({ vaults: seen.believed ? [VAULT] : [] });
    },
    /** The ids of the events of a type; what was published twice counts once. */
    told: (type: string) =>
      new Set(events.filter((one) => one.type === `Certkeeper.${type}`).map(({ id }) => id)).size,
    orphan: async (source: Source = SOURCE, target: Target = TARGET) =>
      (await memory.ofSource(source)).orphans?.find(
        (one) => targetKey(one.target) === targetKey(target),
      ),
    acts: async (source: Source = SOURCE) =>
      (await past.list(source)).flatMap(({ what, targets = [] }) =>
        targets.map(({ outcome }) => `${what}: ${outcome}`),
      ),
  };
  return world;
}

export type CleanupWorld = ReturnType<typeof makeCleanupWorld>;
