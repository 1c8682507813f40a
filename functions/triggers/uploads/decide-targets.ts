import type { Binding } from '../../../shared/domain/binding.ts';
import { consents, knowsSource, type ConsentRule } from '../../../shared/domain/consent.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { isUnderCare, type KeyCare } from '../../../shared/domain/key-care.ts';
import { planTarget } from '../../../shared/domain/plan.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import {
  formatTarget,
  isUnreadable,
  parseTarget,
  targetKey,
  type Target,
} from '../../../shared/domain/target.ts';
import { NO_TRIES, type TargetState } from '../../../shared/domain/target-state.ts';
import { RequestError } from '../../../shared/http/request-error.ts';
import { requireManage, type Asker } from './asker.ts';

/** API Management throttles: no more are looked at than this at once. */
const LOOKS_AT_ONCE = 8;

export interface DecideTargetsPorts {
  readonly rules: readonly ConsentRule[];
  readonly services: ReadonlySet<string>;
  readonly keyCare?: KeyCare;
  readonly vaultSuffix: string;
  readonly ledger: Pick<Ledger, 'claimsOf'>;
}

export interface LookPorts extends Pick<
  DecideTargetsPorts,
  'services' | 'keyCare' | 'vaultSuffix'
> {
  /** Reads a target of a kind that is kept, and whether what is there is of the source. */
  readonly observe: (source: Source, target: Target) => Promise<TargetState>;
}

/** Who is bound already, and what is to be bound. */
interface Asked {
  readonly source: Source;
  /** What the ledger knows of the source. */
  readonly bindings: readonly Binding[];
}

/** A target that may be bound. */
export interface DecidedTarget {
  readonly target: Target;
  /** The caller's role allows what `CERTKEEPER_ALLOW` does not. */
  readonly allowedBy?: 'manage';
  readonly takeOver?: true;
}

/**
 * Decides whether a source may be bound to each of these targets, by what they are and whose. Asks
 * nothing of Azure.
 *
 * Thrown when one of them may not: RequestError for a path that cannot be read; TerminalError
 * `BINDING_NOT_ALLOWED`, `SERVICE_NOT_CONFIGURED`, `TARGET_UNSUPPORTED`, `TARGET_TAKEN`, or that the
 * caller lacks the role for it.
 */
export async function decideTargets(
  ports: DecideTargetsPorts,
  asked: Asked & {
    readonly paths: readonly string[];
    readonly takeOver: boolean;
    readonly asker: Asker;
  },
): Promise<readonly DecidedTarget[]> {
  const { source, paths, takeOver, asker } = asked;
  if (takeOver) requireManage(asker, 'replace what is at a target');
  const targets = readPaths(source, paths);
  // A service that is not there is said to be so, before any rule about it.
  for (const target of targets) refuse(ports, asked, { target }, { kind: 'unread' });
  const decided = targets.map((target): DecidedTarget => {
    const consented = consents(ports.rules, source, target);
    if (!consented && !asker.mayManage) throw notAllowed(source, target);
    return {
      target,
      ...(consented ? {} : { allowedBy: 'manage' }),
      ...(takeOver ? { takeOver } : {}),
    };
  });
  await requireUnclaimed(ports.ledger, source, decided);
  return decided;
}

/**
 * Looks at the targets, before anything is changed, and refuses what the sync would refuse: it
 * plans with the same plan. One or two calls for each.
 *
 * Thrown when something stands in the way at one of them: TerminalError `TARGET_TAKEN`,
 * `TARGET_CHANGED`, `SERVICE_NOT_FOUND`, `WORKSPACE_NOT_FOUND`; or TransientError.
 *
 * @param thumbprint of the certificate that is to be installed
 */
export async function lookAtTargets(
  ports: LookPorts,
  asked: Asked,
  decided: readonly DecidedTarget[],
  thumbprint: string,
): Promise<void> {
  for (let at = 0; at < decided.length; at += LOOKS_AT_ONCE) {
    const some = decided.slice(at, at + LOOKS_AT_ONCE);
    const states = await Promise.all(some.map(({ target }) => ports.observe(asked.source, target)));
    some.forEach((one, index) => {
      refuse(ports, asked, one, states[index] ?? { kind: 'unread' }, thumbprint);
    });
  }
}

/** Paths, each target once. Thrown when one cannot be read: RequestError. */
export function readPaths(source: Source, paths: readonly string[]): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const path of paths) {
    const target = parseTarget(path, source);
    if (isUnreadable(target)) {
      throw new RequestError([
        {
          field: 'targets',
          message: `holds a path that cannot be read (${path.slice(0, 120)}): ${target.message}`,
        },
      ]);
    }
    targets.set(targetKey(target), target);
  }
  return [...targets.values()];
}

/** Asks the plan as if the version were there already: what stands in its way is refused. */
function refuse(
  ports: Pick<DecideTargetsPorts, 'services' | 'keyCare' | 'vaultSuffix'>,
  { source, bindings }: Asked,
  { target, takeOver }: DecidedTarget,
  state: TargetState,
  thumbprint = '',
): void {
  const own = bindings.find((one) => targetKey(one.target) === targetKey(target));
  const step = planTarget({
    source,
    observation: {
      kind: 'present',
      current: { version: '', thumbprint, enabled: true, createdAt: '', tags: {} },
    },
    target,
    standing: { kind: own?.claimed === true ? 'bound' : 'asked', origin: 'http' },
    consented: true,
    configured: isUnderCare(target, ports.services, ports.keyCare),
    ...(takeOver === undefined ? {} : { takeOver }),
    ...(own?.pushed === undefined ? {} : { pushedThumbprint: own.pushed.thumbprint }),
    state,
    tries: NO_TRIES,
    vaultSuffix: ports.vaultSuffix,
  });
  if (step.kind === 'blocked') throw new TerminalError(step.problem);
}

/** What belongs to another source in the ledger is that source's, be it in place or not. */
async function requireUnclaimed(
  ledger: Pick<Ledger, 'claimsOf'>,
  source: Source,
  decided: readonly DecidedTarget[],
): Promise<void> {
  const wanted = decided.filter(({ takeOver }) => takeOver === undefined);
  const services = new Set(
    wanted.flatMap(({ target }) => ('service' in target ? [target.service] : [])),
  );
  for (const service of services) {
    const claims = await ledger.claimsOf(service);
    for (const { target } of wanted) {
      const owner = claims.get(targetKey(target));
      if (owner === undefined || formatSource(owner) === formatSource(source)) continue;
      throw new TerminalError({
        code: 'TARGET_TAKEN',
        message: `${formatTarget(target)} belongs to ${formatSource(owner)}.`,
        resource: formatTarget(target),
        cure: 'Choose another id for it ({service}/certificates/{id}), or let somebody with the role Certkeeper.Manage take it over (takeOver).',
      });
    }
  }
}

/**
 * Whether the caller may make a new version of a source: what is bound to it gets the version
 * without being asked again, so each of its targets must be one that may be bound.
 *
 * Thrown when not: TerminalError `BINDING_NOT_ALLOWED` or `SOURCE_NOT_ALLOWED`.
 */
export function requireMayChange(
  rules: readonly ConsentRule[],
  source: Source,
  bindings: readonly Binding[],
  asker: Asker,
): void {
  if (asker.mayManage) return;
  for (const { target, claimed } of bindings) {
    if (claimed && !consents(rules, source, target)) throw notAllowed(source, target);
  }
  if (knowsSource(rules, source)) return;
  const name = formatSource(source);
  throw new TerminalError({
    code: 'SOURCE_NOT_ALLOWED',
    message: `No rule of CERTKEEPER_ALLOW is about ${name}, so nobody without the role Certkeeper.Manage may make a version of it.`,
    resource: name,
    cure: `Add a rule to CERTKEEPER_ALLOW: ${name} => {target}`,
  });
}

/** `CERTKEEPER_ALLOW` does not let the caller do this to the pair. */
export function notAllowed(source: Source, target: Target): TerminalError {
  const path = formatTarget(target);
  return new TerminalError({
    code: 'BINDING_NOT_ALLOWED',
    message: `CERTKEEPER_ALLOW does not allow ${formatSource(source)} at ${path}.`,
    resource: path,
    cure: `Who runs the target adds to CERTKEEPER_ALLOW: ${formatSource(source)} => ${path}; or somebody with the role Certkeeper.Manage asks.`,
  });
}
