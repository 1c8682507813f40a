/**
 * How a certificate stands at its place. It stands in one way only, the first of these that is true,
 * and what is wrong is told once, by that. So what an access check or a deleted source explains is
 * not told a second time as a place that is stale.
 */
import type { AccessRecord } from '../access-record.ts';
import { isRepeated } from './finding-codes.ts';
import type { Binding } from '../binding.ts';
import type { Orphan } from '../cleanup.ts';
import type { SourceState } from './audit-view.ts';
import type { VaultCertificate } from './inventory.ts';
import type { InstalledAt } from './list-places.ts';

export type Standing =
  /** A gateway uses one of the service's certificates; all is said of that one. */
  | 'by-client'
  /** Azure renews it. */
  | 'managed'
  | 'foreign'
  | 'uploaded'
  | 'vault-gone'
  | 'orphaned'
  | 'source-gone'
  | 'source-deleted'
  | 'source-disabled'
  | 'pinned'
  /** It refers to the certificate and not to its secret, which API Management never reads. */
  | 'no-secret'
  /** It does not get the current version, and an access check or the source's end says why. */
  | 'blocked'
  | 'refresh-failed'
  /** It cannot be told: its source, or it itself, could not be read. */
  | 'unknown'
  | 'current'
  /** The current version is so new that it may be on its way. */
  | 'settling'
  /** Somebody has to approve the current version. */
  | 'held'
  | 'stale';

export interface StandingFacts {
  readonly installed: InstalledAt;
  readonly sourceState: SourceState;
  readonly binding?: Binding | undefined;
  readonly access?: AccessRecord | undefined;
  readonly orphan?: Orphan | undefined;
  /** When the service was read. */
  readonly readAt: string;
}

export function standingOf(facts: StandingFacts): Standing {
  const { installed, sourceState } = facts;
  if (installed.byClient !== undefined) return 'by-client';
  if (installed.managed) return 'managed';
  if (installed.reference?.kind === 'foreign') return 'foreign';
  switch (sourceState.kind) {
    case 'none':
      return installed.reference?.kind === 'uploaded' ? 'uploaded' : 'unknown';
    case 'vault-gone':
      return 'vault-gone';
    case 'soft-deleted':
      return facts.orphan === undefined ? 'source-deleted' : 'orphaned';
    case 'gone':
      if (facts.orphan !== undefined) return 'orphaned';
      return isPending(facts.access) ? 'blocked' : 'source-gone';
    case 'unread':
      return standingByReference(facts) ?? 'unknown';
    case 'present':
      if (!sourceState.certificate.enabled) return 'source-disabled';
      return standingByReference(facts) ?? standingByThumbprint(facts, sourceState.certificate);
  }
}

/** The vault's list has nothing of a certificate whose first version is still to be issued. */
function isPending(access: AccessRecord | undefined): boolean {
  return access?.problems.some(({ code }) => code === 'CERTIFICATE_PENDING') ?? false;
}

/** What the service itself says is enough, whatever the vault holds. */
function standingByReference({ installed, access }: StandingFacts): Standing | undefined {
  const { reference, refreshFailure } = installed;
  if (reference?.kind === 'key-vault') {
    if (reference.secret.collection === 'certificates') return 'no-secret';
    if (reference.secret.version !== undefined) return 'pinned';
  }
  if (refreshFailure === undefined) return undefined;
  return isKeptOut(access) ? 'blocked' : 'refresh-failed';
}

/** Whether its access check blocks, by something that is told of it. */
export function isKeptOut(access: AccessRecord | undefined): boolean {
  return access?.verdict === 'blocks' && access.told.some(isRepeated);
}

function standingByThumbprint(
  { installed, binding, access, readAt }: StandingFacts,
  { thumbprint, createdAt, expiresAt }: VaultCertificate,
): Standing {
  if (thumbprint !== undefined && installed.thumbprint === thumbprint) return 'current';
  // API Management refuses to read one that has expired; that is told of the source.
  if (isKeptOut(access) || (expiresAt !== undefined && expiresAt <= readAt)) return 'blocked';
  if (thumbprint === undefined || installed.thumbprint === undefined) return 'unknown';
  // An entry that a newer one replaces stays for its overlap; whether that one came, its binding says.
  if (installed.place === 'ca' || installed.changing) return 'settling';
  const grace = binding === undefined || installed.place === 'hostname' ? POLLING_MS : ROTATION_MS;
  if (createdAt !== undefined && Date.parse(createdAt) > Date.parse(readAt) - grace) {
    return 'settling';
  }
  return binding?.problem?.code === 'VERSION_HELD' ? 'held' : 'stale';
}

/** API Management polls Key Vault up to every four hours. */
const POLLING_MS = 4 * 3_600_000;
/** What is kept current holds a new version within seconds; an hour's quarter covers retries. */
const ROTATION_MS = 900_000;
