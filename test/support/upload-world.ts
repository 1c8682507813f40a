/** A vault, a ledger and targets in memory, for what uploads and roll-backs decide. */
import type { RollbackPorts } from '../../functions/triggers/uploads/rollback-certificate.ts';
import type { Upload } from '../../functions/triggers/uploads/upload-certificate.ts';
import type { Binding, SourceRecord } from '../../shared/domain/binding.ts';
import type { CertificateLooks } from '../../shared/domain/certificate-looks.ts';
import { parseConsent } from '../../shared/domain/consent.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { History } from '../../shared/domain/ledger-ports.ts';
import type { ListedVersion } from '../../shared/domain/vault-ports.ts';
import type { SourceObservation } from '../../shared/domain/source.ts';
import { always } from '../../shared/domain/suspect-policy.ts';
import { targetKey } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';
import { makeLooks, NOW, SOURCE, SUFFIX } from './domain-samples.ts';
import { makeMemoryHistory } from './memory-history.ts';
import { makeMemoryLedger, type MemoryLedger } from './memory-ledger.ts';

/** A version that the vault holds; what it holds as PFX is its thumbprint. */
export interface HeldVersion {
  readonly thumbprint: string;
  readonly enabled?: boolean;
  readonly expiresAt?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface UploadWorld {
  readonly ports: RollbackPorts;
  readonly ledger: MemoryLedger;
  readonly history: History;
  /** Newest last. */
  readonly versions: HeldVersion[];
  /** What was done to the vault, in order. */
  readonly did: string[];
  readonly asked: string[];
  readonly unforeseen: unknown[];
  readonly next: { start: () => Promise<{ id: string }>; noteUnforeseen: (error: unknown) => void };
}

export interface WorldFacts {
  readonly versions?: readonly HeldVersion[];
  readonly absence?: 'pending' | 'deleted' | 'absent';
  readonly bindings?: readonly Binding[];
  readonly records?: readonly SourceRecord[];
  readonly states?: Readonly<Record<string, TargetState>>;
  readonly allow?: string;
  /** What a file says of itself, by its content as text; others are unreadable. */
  readonly files?: Readonly<Record<string, Partial<CertificateLooks>>>;
  readonly ports?: Partial<RollbackPorts>;
  readonly start?: () => Promise<{ id: string }>;
}

const ISSUED = '2026-07-01T00:00:00.000Z';

export function makeUploadWorld(facts: WorldFacts = {}): UploadWorld {
  const versions = [...(facts.versions ?? [])];
  const did: string[] = [];
  const asked: string[] = [];
  const unforeseen: unknown[] = [];
  const ledger = makeMemoryLedger(facts.bindings, facts.records);
  const history = makeMemoryHistory();
  let absence = facts.absence ?? 'absent';
  const files = facts.files ?? { 'file-a': { thumbprint: 'A'.repeat(40) } };
  const idOf = (index: number): string => `v${String(index + 1)}`;
  const recovered = versions.splice(0, absence === 'deleted' ? versions.length : 0);

  const observe = (): SourceObservation => {
    const newest = versions.at(-1);
    if (newest === undefined) return { kind: 'missing' };
    const { thumbprint, enabled = true, tags = {} } = newest;
    if (!enabled) return { kind: 'disabled' };
    const current = { version: idOf(versions.length - 1), thumbprint, enabled, createdAt: ISSUED };
    return { kind: 'present', current: { ...current, tags } };
  };

  const ports: RollbackPorts = {
    rules: parseConsent(facts.allow ?? 'contoso-kv/* => contoso-gw, contoso-gw/workspaces/*').rules,
    services: new Set(['contoso-gw']),
    vaultSuffix: SUFFIX,
    ledger,
    history,
    observe: async (_source, target) => {
      asked.push(targetKey(target));
      return facts.states?.[targetKey(target)] ?? { kind: 'absent' };
    },
    vaults: {
      readCurrent: async () => observe(),
      absence: async () => absence,
      versions: async () =>
        versions
          .map(({ enabled = true, ...rest }, index): ListedVersion => ({
            version: idOf(index),
            enabled,
            createdAt: ISSUED,
            ...rest,
          }))
          .reverse(),
    },
    writer: {
      import: async (_source, pfx, tags) => {
        const thumbprint = Buffer.from(pfx).toString();
        did.push(`import ${thumbprint}`);
        versions.push({ thumbprint, tags });
        return { version: idOf(versions.length - 1), thumbprint };
      },
      recoverDeleted: async () => {
        did.push('recover');
        absence = 'absent';
        versions.push(...recovered);
      },
      readPfx: async (_source, version) => {
        const index = versions.findIndex((_, at) => idOf(at) === version);
        const thumbprint = versions[index]?.thumbprint ?? '';
        return { pfx: Buffer.from(thumbprint), thumbprint, version: version ?? '' };
      },
    },
    read: async (file) => {
      const text = Buffer.from(file).toString();
      // What the vault hands out is the thumbprint; what people upload is named in the facts.
      const looks = files[text] ?? (/^[0-9A-F]{40}$/.test(text) ? { thumbprint: text } : undefined);
      if (looks === undefined) {
        throw new TerminalError({ code: 'FILE_UNREADABLE', message: 'It is no PFX.' });
      }
      const leaf = makeLooks(looks);
      return { leaf, chain: [], warnings: [], toPfx: () => Buffer.from(leaf.thumbprint) };
    },
    onSuspect: always('warn'),
    now: () => new Date(NOW),
    ...facts.ports,
  };
  return {
    ports,
    ledger,
    history,
    versions,
    did,
    asked,
    unforeseen,
    next: {
      start:
        facts.start ??
        (async () => {
          did.push('sync');
          return { id: 'sync-1' };
        }),
      noteUnforeseen: (error) => unforeseen.push(error),
    },
  };
}

/** An upload of `file-a` by somebody with a function key. */
export function makeUpload(other: Partial<Upload> = {}): Upload {
  return {
    source: SOURCE,
    file: Buffer.from('file-a'),
    password: undefined,
    paths: ['contoso-gw'],
    tags: {},
    as: 'new',
    recover: false,
    takeOver: false,
    asker: { by: { kind: 'function-key' }, mayManage: false },
    ...other,
  };
}
