import { readAskedTargets } from '../../../shared/domain/asked-targets.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import { consents, type ConsentRule } from '../../../shared/domain/consent.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { planTarget } from '../../../shared/domain/plan.ts';
import { thumbprintsOf } from '../../../shared/domain/known-thumbprints.ts';
import type { History, Ledger, LedgerEntry } from '../../../shared/domain/ledger-ports.ts';
import type { UsageIndex } from '../../../shared/domain/usage-ports.ts';
import type { Vaults } from '../../../shared/domain/vault-ports.ts';
import {
  formatSource,
  type Source,
  type SourceObservation,
} from '../../../shared/domain/source.ts';
import {
  formatTarget,
  isCertificateTarget,
  isKeyTarget,
  targetKey,
  type CertificateTarget,
  type Target,
} from '../../../shared/domain/target.ts';
import { NO_TRIES, type TargetState } from '../../../shared/domain/target-state.ts';
import { thumbprintIn } from '../../../shared/domain/work.ts';
import { problemOfRemoval } from '../../../shared/domain/use-protection.ts';
import { requireNoTagAgainst } from './bring-into-vault.ts';
import { notAllowed, readPaths } from './decide-targets.ts';
import { requireManage, type Asker } from './asker.ts';

export interface DetachPorts {
  readonly rules: readonly ConsentRule[];
  readonly vaultSuffix: string;
  readonly ledger: Pick<Ledger, 'ofSource' | 'saveBinding'>;
  readonly history: Pick<History, 'add'>;
  readonly vaults: Pick<Vaults, 'readCurrent'>;
  readonly observe: (source: Source, target: Target) => Promise<TargetState>;
  readonly index: Pick<UsageIndex, 'of'>;
  /**
   * Reads API Management for what uses it.
   * Thrown when it may not be removed: TerminalError `TARGET_IN_USE`, `TARGET_MAY_BE_IN_USE`.
   */
  readonly requireUnused: (
    target: CertificateTarget,
    thumbprints: readonly string[],
    forced: boolean,
  ) => Promise<void>;
  readonly now: () => Date;
}

/** What becomes of a target that is detached. */
export interface Detaching {
  readonly target: string;
  /** `remove` = Certkeeper takes away what it put there; `release` = there is nothing of its own. */
  readonly step: 'remove' | 'release';
}

/** Whoever asks takes it upon himself that what may be used is not. */
const FORCE = 'detach what may be in use';

/** Thrown when the caller may not force: TerminalError `ROLE_MISSING`, `NEEDS_IDENTITIES`. */
export function requireMayForce(asker: Asker, force: boolean): void {
  if (force) requireManage(asker, FORCE);
}

/**
 * Decides what becomes of targets that are to be detached, and looks at each of them. What uses them
 * is asked of the index, and of API Management where that would refuse it: nobody is refused for what
 * was so half an hour ago. Before it removes anything the sync looks itself. Changes nothing.
 *
 * Thrown when one of them cannot be detached: RequestError for a path that cannot be read;
 * TerminalError `BINDING_NOT_FOUND`, `BINDING_NOT_ALLOWED`, `BINDING_DISCOVERED`, `BINDING_TAGGED`,
 * `TAG_FORBIDS`, `TARGET_IN_USE`, `TARGET_MAY_BE_IN_USE`, or that the caller may not force.
 */
export async function planDetaching(
  ports: DetachPorts,
  asked: {
    readonly source: Source;
    readonly paths: readonly string[];
    readonly asker: Asker;
    readonly force: boolean;
  },
): Promise<PlannedDetaching> {
  const { source, paths, asker, force } = asked;
  requireMayForce(asker, force);
  const entry = await ports.ledger.ofSource(source);
  const { bindings } = entry;
  const found = readPaths(source, paths).map((target) => {
    const binding = bindings.find((one) => targetKey(one.target) === targetKey(target));
    if (binding === undefined) throw notBound(source, target);
    if (!asker.mayManage && !consents(ports.rules, source, target))
      throw notAllowed(source, target);
    if (binding.origin === 'discovered') throw discovered(source, target);
    return binding;
  });
  const observation = await ports.vaults.readCurrent(source);
  requireNotTagged(source, observation, found);
  const targets: Detaching[] = [];
  for (const binding of found) {
    targets.push(await lookAt(ports, binding, { entry, observation, force }));
  }
  return { bindings: found, targets, force };
}

export interface PlannedDetaching {
  readonly bindings: readonly Binding[];
  readonly targets: readonly Detaching[];
  readonly force: boolean;
}

/**
 * Marks bindings as leaving, which the next sync carries out. From a ledger that says so it goes on
 * after a crash as well.
 */
export async function markLeaving(
  ports: DetachPorts,
  source: Source,
  { bindings, targets, force }: PlannedDetaching,
  asker: Asker,
): Promise<void> {
  for (const { forced: _, ...binding } of bindings) {
    // Leave that was given for an earlier call does not count for this one.
    const leave = force ? { forced: true as const } : {};
    await ports.ledger.saveBinding({ ...binding, leaving: true, ...leave });
  }
  await ports.history.add({
    source,
    at: ports.now().toISOString(),
    what: 'detach',
    by: asker.by,
    targets: targets.map(({ target, step }) => ({
      target,
      outcome: 'pending',
      reason: step === 'remove' ? 'DetachAsked' : 'NothingOfOurs',
    })),
    ...(force ? { detail: 'Asked for with force: also where something may use it.' } : {}),
  });
}

async function lookAt(
  ports: DetachPorts,
  { source, target, claimed, pushed }: Binding,
  facts: {
    readonly entry: LedgerEntry;
    readonly observation: SourceObservation;
    readonly force: boolean;
  },
): Promise<Detaching> {
  const { entry, observation, force } = facts;
  const path = formatTarget(target);
  // What others hold there too stays; the sync knows.
  if (target.kind === 'ca-certificate') return { target: path, step: 'remove' };
  if (!isKeyTarget(target) && (!claimed || !isCertificateTarget(target))) {
    return { target: path, step: 'release' };
  }
  const state = await ports.observe(source, target);
  const step = planTarget({
    source,
    observation,
    target,
    standing: { kind: 'bound', origin: 'http' },
    consented: true,
    configured: true,
    leaving: true,
    state,
    tries: NO_TRIES,
    ...(pushed === undefined ? {} : { pushedThumbprint: pushed.thumbprint }),
    vaultSuffix: ports.vaultSuffix,
  });
  const { kind } = step;
  if (kind === 'blocked' && step.reason === 'TargetChanged') throw new TerminalError(step.problem);
  // Whoever signs in with it, only its owner knows.
  if (kind === 'withdraw') return { target: path, step: 'remove' };
  if (kind !== 'remove' || isKeyTarget(target)) return { target: path, step: 'release' };
  const thumbprints = thumbprintsOf(entry, target, thumbprintIn(state));
  const usage = await ports.index.of(target, thumbprints);
  // Where nobody has looked yet, the look before the removal decides.
  const references = usage?.references ?? [];
  if (problemOfRemoval(target, references, { forced: force }) !== undefined) {
    await ports.requireUnused(target, thumbprints, force);
  }
  return { target: path, step: 'remove' };
}

/** What a tag asks for would be bound again by the next sync. */
function requireNotTagged(
  source: Source,
  observation: SourceObservation,
  bindings: readonly Binding[],
): void {
  if (observation.kind !== 'present') return;
  const { tags } = observation.current;
  requireNoTagAgainst(source, tags);
  const asked = readAskedTargets(tags, source);
  if (asked.kind !== 'targets') return;
  const wanted = new Set(asked.targets.map(targetKey));
  const tagged = bindings.find(({ target }) => wanted.has(targetKey(target)));
  if (tagged === undefined) return;
  const name = formatSource(source);
  throw new TerminalError({
    code: 'BINDING_TAGGED',
    message: `The tag certkeeper-targets on the current version of ${name} asks for ${formatTarget(tagged.target)}, so it would be bound again.`,
    resource: formatTarget(tagged.target),
    cure: `Take it out of the tag first: az keyvault certificate set-attributes --vault-name ${source.vault} --name ${source.name} --tags {the tags that stay}`,
  });
}

export function notBound(source: Source, target: Target): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'BINDING_NOT_FOUND',
    message: `${name} is not bound to ${formatTarget(target)}.`,
    resource: formatTarget(target),
    cure: `Look at what it is bound to: GET /api/certificates/${name}`,
  });
}

function discovered(source: Source, target: Target): TerminalError {
  return new TerminalError({
    code: 'BINDING_DISCOVERED',
    message: `${formatTarget(target)} uses ${formatSource(source)} by itself; Certkeeper did not put it there and does not take it away.`,
    resource: formatTarget(target),
    cure: 'Remove it in API Management, and the next sweep lets the binding go; or have Certkeeper keep its hands off with the tag certkeeper: ignore.',
  });
}
