import { surveyWorkspaces } from './survey-workspaces.ts';
import { isKnown, type Binding, type SourceRecord } from '../../shared/domain/binding.ts';
import { TerminalError, TransientError, type Problem } from '../../shared/domain/errors.ts';
import { findStrangeTags, readAskedTargets } from '../../shared/domain/asked-targets.ts';
import type {
  ClientCertificates,
  Ledger,
  LedgerEntry,
  ListedSource,
  PushedCertificates,
  Vaults,
} from '../../shared/domain/ports.ts';
import { formatSource, isWithoutVault, type Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  isUnreadable,
  parseTarget,
  targetKey,
  type ClientCertificateTarget,
} from '../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../shared/domain/target-state.ts';

/**
 * Lists a service's client certificates and writes into the ledger what it lacks: certificates of
 * vaults under care that somebody attached by hand. What it knows is brought up to date with what
 * the service reports, so that the survey of the vaults sees what is behind. So are the certificates
 * that Certkeeper put into the service's workspaces. Idempotent.
 */
export function makeSurveyService(ports: {
  readonly certificates: Pick<ClientCertificates, 'list'>;
  readonly pushed: Pick<PushedCertificates, 'list'>;
  readonly ledger: Ledger;
  readonly vaults: ReadonlySet<string>;
}) {
  return async ({ service }: { service: string }) => {
    const claims = await ports.ledger.claimsOf(service);
    const inPlace = new Set<string>();
    const problems: Problem[] = [];
    let certificates = 0;
    let discovered = 0;
    for await (const { id, installed } of ports.certificates.list(service)) {
      certificates += 1;
      const at = targetKey({ kind: 'client-certificate', service, id });
      if (await isInPlaceWithoutVault(ports.ledger, claims.get(at), at, installed)) inPlace.add(at);
      const source = sourceOf(installed);
      if (source === undefined || !ports.vaults.has(source.vault)) continue;
      const target: ClientCertificateTarget = { kind: 'client-certificate', service, id };
      if (isUnreadable(parseTarget(formatTarget(target), source))) {
        problems.push(cannotBeKept(target));
        continue;
      }
      const owner = claims.get(targetKey(target));
      if (owner === undefined) {
        if ((await ports.ledger.record(source)).unbound === true) continue;
        if ((await ports.ledger.claim(source, target)) === 'taken') continue;
        discovered += 1;
      } else if (formatSource(owner) !== formatSource(source)) {
        // Pointed elsewhere by somebody: that is for its owner's sync to say.
        continue;
      }
      inPlace.add(targetKey(target));
      const known = await ports.ledger.binding(source, target);
      const binding = toBinding(source, target, installed, known);
      if (binding !== known) await ports.ledger.saveBinding(binding);
    }
    for (const [key, owner] of claims) {
      if (!inPlace.has(key)) await doubt(ports.ledger, owner, key);
    }
    problems.push(...(await surveyWorkspaces(ports, service, claims)));
    return { certificates, discovered, problems };
  };
}

/** What was uploaded without a vault refers to none: it is known by its thumbprint. */
async function isInPlaceWithoutVault(
  ledger: Pick<Ledger, 'binding'>,
  owner: Source | undefined,
  key: string,
  { thumbprint }: InstalledCertificate,
): Promise<boolean> {
  if (owner === undefined || !isWithoutVault(owner)) return false;
  const target = parseTarget(key, owner);
  if (isUnreadable(target)) return false;
  return (await ledger.binding(owner, target))?.pushed?.thumbprint === thumbprint;
}

/** API Management allows ids that no path can hold, such as one with a blank. */
function cannotBeKept(target: ClientCertificateTarget): Problem {
  const path = formatTarget(target);
  return {
    code: 'TARGET_UNREADABLE',
    message: `${path} uses a certificate under care, and its id cannot be written as a target path, so Certkeeper does not keep it current.`,
    resource: path,
    cure: 'Attach the certificate under an id of letters, digits and hyphens, and use that one.',
  };
}

/**
 * No event tells that a target was deleted or pointed elsewhere. What the ledger believed of it is
 * taken back, so that the survey of the vaults asks for a sync, which reads it.
 */
async function doubt(ledger: Ledger, owner: Source, key: string): Promise<void> {
  const target = parseTarget(key, owner);
  if (isUnreadable(target) || target.kind !== 'client-certificate') return;
  const known = await ledger.binding(owner, target);
  if (known?.claimed !== true) return;
  // What is blocked or failed is looked at by every sweep anyway, and keeps saying why.
  const believed = known.targetThumbprint !== undefined || known.versionless;
  if (known.status !== 'verified' && !(known.status === 'pending' && believed)) return;
  const { targetThumbprint: _, ...rest } = known;
  await ledger.saveBinding({ ...rest, status: 'pending', versionless: false });
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
 * something is not as it should be. Idempotent: an unneeded sync finds nothing to do. A source whose
 * sync cannot be asked for is reported and holds up no other.
 * @param requestSync starts a sync, or makes a running one look again
 */
export function makeSurveyVault(ports: {
  readonly ledger: Ledger;
  readonly vaults: Pick<Vaults, 'list' | 'readCurrent'>;
  readonly now: () => Date;
}) {
  return async (
    { vault }: { vault: string },
    requestSync: (source: Source) => Promise<void>,
  ): Promise<{ certificates: number; syncs: number; problems: readonly Problem[] }> => {
    const entries = new Map<string, LedgerEntry>();
    for await (const entry of ports.ledger.all(vault)) {
      entries.set(formatSource(entry.record.source), entry);
    }
    let certificates = 0;
    let syncs = 0;
    let learnt = 0;
    const problems: Problem[] = [];
    const ask = async (source: Source): Promise<void> => {
      try {
        await requestSync(source);
        syncs += 1;
      } catch (error) {
        problems.push(toProblem(source, error));
      }
    };
    for await (const listed of ports.vaults.list(vault)) {
      certificates += 1;
      const key = formatSource(listed.source);
      const entry = entries.get(key);
      entries.delete(key);
      if (needsSync(listed, entry)) {
        await ask(listed.source);
      } else if (entry !== undefined) {
        const record = await confirm(ports.ledger, entry, listed, ports.now().toISOString());
        if (record.verified !== undefined || entry.bindings.length === 0) continue;
        if (learnt >= LEARNT_IN_A_SURVEY) continue;
        learnt += 1;
        await learn(ports, record, listed);
      }
    }
    // What the ledger knows and the vault does not list: deleted, or never there.
    for (const { record, bindings } of entries.values()) {
      if (bindings.length > 0) await ask(record.source);
    }
    return { certificates, syncs, problems };
  };
}

/** A first survey of a large vault is not held up; the next ones learn the rest. */
const LEARNT_IN_A_SURVEY = 100;

/**
 * Keeps what the version in place looks like, so that its successor can be measured by it: nobody
 * has synced what was discovered and is in order. One call to the vault.
 */
async function learn(
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

function toProblem(source: Source, error: unknown): Problem {
  if (error instanceof TerminalError || error instanceof TransientError) return error.problem;
  return {
    code: 'INTERNAL_ERROR',
    message: `A sync of ${formatSource(source)} could not be asked for, in a way that Certkeeper did not foresee.`,
    resource: formatSource(source),
    cure: 'The next sweep asks again; if it stays so, look at the status of its instance.',
  };
}

function needsSync(listed: ListedSource, entry: LedgerEntry | undefined): boolean {
  const asked = readAskedTargets(listed.tags, listed.source);
  const bindings = entry?.bindings ?? [];
  const ignored = entry?.record.ignored === true;
  if (asked.kind === 'ignore') return bindings.length > 0 && !ignored;
  if (asked.kind === 'unbind') return bindings.length > 0;
  const strange = findStrangeTags(listed.tags).length > 0;
  const unreadable = asked.kind === 'targets' && asked.unreadable.length > 0;
  const noted = (entry?.record.problems.length ?? 0) > 0;
  // What is noted stays so until the tags change; then a sync notes the new state.
  if (ignored || (strange || unreadable) !== noted) return true;
  if (asked.kind === 'targets') {
    const known = new Set(bindings.map(({ target }) => targetKey(target)));
    if (asked.targets.some((target) => !known.has(targetKey(target)))) return true;
  }
  // API Management reads the vault by itself too: what no sync has seen was measured by nobody.
  const { verified, thumbprint } = entry?.record ?? {};
  if (bindings.length > 0 && verified !== undefined && thumbprint !== listed.thumbprint)
    return true;
  return bindings.some(
    (binding) =>
      !listed.enabled ||
      !binding.claimed ||
      binding.leaving === true ||
      !isKnown(binding) ||
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
