/** A certificate as its vault lists it, beside what the ledger knows of it. */
import { findStrangeTags, readAskedTargets } from '../../shared/domain/asked-targets.ts';
import { isKnown, type SourceRecord } from '../../shared/domain/binding.ts';
import { TerminalError, TransientError } from '../../shared/domain/errors.ts';
import type { Ledger, LedgerEntry } from '../../shared/domain/ledger-ports.ts';
import type { ListedSource, Vaults } from '../../shared/domain/vault-ports.ts';
import { targetKey } from '../../shared/domain/target.ts';

/**
 * Why a source is to be synced; undefined = everything is as it should be.
 * @param repair what rotations broke is repaired: it is tried until it is mended
 */
export function whySync(
  listed: ListedSource,
  entry: LedgerEntry | undefined,
  { repair }: { readonly repair: boolean },
): string | undefined {
  const asked = readAskedTargets(listed.tags, listed.source);
  const bindings = entry?.bindings ?? [];
  const ignored = entry?.record.ignored === true;
  if (asked.kind === 'ignore') {
    return bindings.length > 0 && !ignored ? 'TagSaysIgnore' : undefined;
  }
  if (asked.kind === 'unbind') return bindings.length > 0 ? 'TagSaysNone' : undefined;
  const strange = findStrangeTags(listed.tags).length > 0;
  const unreadable = asked.kind === 'targets' && asked.unreadable.length > 0;
  const noted = (entry?.record.problems.length ?? 0) > 0;
  // What is noted stays so until the tags change; then a sync notes the new state.
  if (ignored || (strange || unreadable) !== noted) return 'TagsChanged';
  if (asked.kind === 'targets') {
    const known = new Set(bindings.map(({ target }) => targetKey(target)));
    if (asked.targets.some((target) => !known.has(targetKey(target)))) return 'TagAsks';
  }
  // API Management reads the vault by itself too: what no sync has seen was measured by nobody.
  const { verified, thumbprint } = entry?.record ?? {};
  if (bindings.length > 0 && verified !== undefined && thumbprint !== listed.thumbprint) {
    return 'NewVersion';
  }
  if (bindings.length > 0 && !listed.enabled) return 'Disabled';
  const unsettled = bindings.some(
    (binding) =>
      !binding.claimed ||
      binding.leaving === true ||
      !isKnown(binding) ||
      binding.status === 'blocked' ||
      binding.status === 'failed',
  );
  if (unsettled) return 'NotInOrder';
  const behind = bindings.some(({ targetThumbprint }) => targetThumbprint !== listed.thumbprint);
  if (behind) return 'Behind';
  return repair && bindings.some(({ broken }) => broken !== undefined)
    ? 'ReferencesBroken'
    : undefined;
}

/** What was discovered and is in order counts as verified: the service just reported it. */
export async function confirm(
  ledger: Ledger,
  { record, bindings }: LedgerEntry,
  { source, thumbprint, enabled, expiresAt }: ListedSource,
  at: string,
): Promise<SourceRecord> {
  const pending = bindings.filter(({ status }) => status === 'pending');
  const same = record.thumbprint === thumbprint;
  if (pending.length === 0 && same && record.enabled === enabled) return record;
  // The list tells no version: the one that is known belongs to the thumbprint that is known.
  const { version, thumbprint: _, expiresAt: __, ...known } = record;
  const current = same ? version : undefined;
  const confirmed: SourceRecord = {
    ...known,
    source,
    enabled,
    ...(current === undefined ? {} : { version: current }),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    seenAt: at,
  };
  await ledger.save(
    confirmed,
    pending.map(({ verifiedVersion: _version, problem: _problem, ...binding }) => ({
      ...binding,
      ...(current === undefined ? {} : { verifiedVersion: current }),
      status: 'verified',
      verifiedAt: at,
    })),
  );
  return confirmed;
}

/**
 * Keeps what the version in place looks like, so that its successor can be measured by it: nobody
 * has synced what was discovered and is in order. One call to the vault.
 */
export async function learn(
  ports: { readonly ledger: Ledger; readonly vaults: Pick<Vaults, 'readCurrent'> },
  record: SourceRecord,
  { source, thumbprint }: ListedSource,
): Promise<void> {
  const observation = await ports.vaults.readCurrent(source).catch((error: unknown) => {
    // It can wait for the next survey, and this one has more to do.
    if (error instanceof TerminalError || error instanceof TransientError) return undefined;
    throw error;
  });
  if (observation?.kind !== 'present') return;
  const { version, looks, ...current } = observation.current;
  // What came since the list was read is for a sync to look at.
  if (looks === undefined || current.thumbprint !== thumbprint) return;
  await ports.ledger.save({ ...record, version, verified: { version, looks } }, []);
}
