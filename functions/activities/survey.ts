import type { Binding } from '../../shared/domain/binding.ts';
import { readAskedTargets } from '../../shared/domain/asked-targets.ts';
import type {
  ClientCertificates,
  Ledger,
  LedgerEntry,
  ListedSource,
  Vaults,
} from '../../shared/domain/ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { targetKey, type ClientCertificateTarget } from '../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../shared/domain/target-state.ts';

/**
 * Lists a service's client certificates and writes into the ledger what it lacks: certificates of
 * vaults under care that somebody attached by hand. What it knows is brought up to date with what
 * the service reports, so that the survey of the vaults sees what is behind. Idempotent.
 */
export function makeSurveyService(ports: {
  readonly certificates: Pick<ClientCertificates, 'list'>;
  readonly ledger: Ledger;
  readonly vaults: ReadonlySet<string>;
}) {
  return async ({ service }: { service: string }) => {
    const claims = await ports.ledger.claimsOf(service);
    let certificates = 0;
    let discovered = 0;
    for await (const { id, installed } of ports.certificates.list(service)) {
      certificates += 1;
      const source = sourceOf(installed);
      if (source === undefined || !ports.vaults.has(source.vault)) continue;
      const target: ClientCertificateTarget = { kind: 'client-certificate', service, id };
      const owner = claims.get(targetKey(target));
      if (owner === undefined) {
        if ((await ports.ledger.ofSource(source)).record.unbound === true) continue;
        if ((await ports.ledger.claim(source, target)) === 'taken') continue;
        discovered += 1;
      } else if (formatSource(owner) !== formatSource(source)) {
        // Pointed elsewhere by somebody: the owner's next sync says so.
        continue;
      }
      const known = await ports.ledger.binding(source, target);
      const binding = toBinding(source, target, installed, known);
      if (binding !== known) await ports.ledger.saveBinding(binding);
    }
    return { certificates, discovered };
  };
}

function sourceOf({ reference }: InstalledCertificate): Source | undefined {
  return reference.kind === 'key-vault' ? reference.secret.source : undefined;
}

function toBinding(
  source: Source,
  target: ClientCertificateTarget,
  { reference, thumbprint }: InstalledCertificate,
  known: Binding | undefined,
): Binding {
  const versionless =
    reference.kind === 'key-vault' &&
    reference.secret.version === undefined &&
    reference.secret.collection === 'secrets';
  if (known?.claimed !== true) {
    return {
      source,
      target,
      origin: 'discovered',
      claimed: true,
      status: 'pending',
      versionless,
      ...(thumbprint === undefined ? {} : { targetThumbprint: thumbprint }),
    };
  }
  if (known.versionless === versionless && known.targetThumbprint === thumbprint) return known;
  // What the service no longer reports is no longer known, whatever the ledger said before.
  const { targetThumbprint: _, ...rest } = known;
  return {
    ...rest,
    status: 'pending',
    versionless,
    ...(thumbprint === undefined ? {} : { targetThumbprint: thumbprint }),
  };
}

/**
 * Lists a vault's certificates, compares each with its bindings and asks for a sync wherever
 * something is not as it should be. Idempotent: an unneeded sync finds nothing to do.
 * @param requestSync starts a sync, or makes a running one look again
 */
export function makeSurveyVault(ports: {
  readonly ledger: Ledger;
  readonly vaults: Vaults;
  readonly now: () => Date;
}) {
  return async (
    { vault }: { vault: string },
    requestSync: (source: Source) => Promise<void>,
  ): Promise<{ certificates: number; syncs: number }> => {
    const entries = new Map<string, LedgerEntry>();
    for await (const entry of ports.ledger.all(vault)) {
      entries.set(formatSource(entry.record.source), entry);
    }
    let certificates = 0;
    let syncs = 0;
    for await (const listed of ports.vaults.list(vault)) {
      certificates += 1;
      const key = formatSource(listed.source);
      const entry = entries.get(key);
      entries.delete(key);
      if (needsSync(listed, entry)) {
        await requestSync(listed.source);
        syncs += 1;
      } else if (entry !== undefined) {
        await confirm(ports.ledger, entry, listed, ports.now().toISOString());
      }
    }
    // What the ledger knows and the vault does not list: deleted, or never there.
    for (const { record, bindings } of entries.values()) {
      if (bindings.length === 0) continue;
      await requestSync(record.source);
      syncs += 1;
    }
    return { certificates, syncs };
  };
}

function needsSync(listed: ListedSource, entry: LedgerEntry | undefined): boolean {
  const asked = readAskedTargets(listed.tags, listed.source);
  const bindings = entry?.bindings ?? [];
  if (asked.kind === 'ignore') return false;
  if (asked.kind === 'unbind') return bindings.length > 0;
  if (asked.kind === 'targets') {
    const known = new Set(bindings.map(({ target }) => targetKey(target)));
    if (asked.unreadable.length > 0) return true;
    if (asked.targets.some((target) => !known.has(targetKey(target)))) return true;
  }
  return bindings.some(
    (binding) =>
      !listed.enabled ||
      !binding.claimed ||
      !binding.versionless ||
      binding.status === 'blocked' ||
      binding.status === 'failed' ||
      binding.targetThumbprint !== listed.thumbprint,
  );
}

/** What was discovered and is in order counts as verified: the service just reported it. */
async function confirm(
  ledger: Ledger,
  { record, bindings }: LedgerEntry,
  { source, thumbprint, enabled, expiresAt }: ListedSource,
  at: string,
): Promise<void> {
  const pending = bindings.filter(({ status }) => status === 'pending');
  if (pending.length === 0 && record.thumbprint === thumbprint && record.enabled === enabled)
    return;
  await ledger.save(
    {
      ...record,
      source,
      enabled,
      ...(thumbprint === undefined ? {} : { thumbprint }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      seenAt: at,
    },
    pending.map((binding) => ({ ...binding, status: 'verified', verifiedAt: at })),
  );
}
