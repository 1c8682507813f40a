import { isVersionOf } from './identify-target.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';
import type { PushedCertificates } from '../../shared/domain/target-ports.ts';
import type { Vaults, VaultWriter } from '../../shared/domain/vault-ports.ts';
import { anotherId } from '../../shared/domain/plan-steps.ts';
import { formatSource, type CurrentVersion, type Source } from '../../shared/domain/source.ts';
import { formatTarget, type WorkspaceCertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface PushTargetPorts {
  readonly ledger: Pick<Ledger, 'binding' | 'claim' | 'release'>;
  readonly pushed: Pick<PushedCertificates, 'observe' | 'push'>;
  readonly vaults: Pick<Vaults, 'readCurrent' | 'versions'>;
  readonly writer: Pick<VaultWriter, 'readCurrentPfx'>;
}

export interface PushTargetInput {
  readonly source: Source;
  readonly target: WorkspaceCertificateTarget;
  readonly wanted: Pick<CurrentVersion, 'version' | 'thumbprint'>;
  readonly etag?: string;
  /** No other version than the wanted one: a newer one is to be judged first. */
  readonly exactly?: true;
}

/** Versions made faster than one can push are left to the next look of the sync. */
const MOST_PUSHES = 3;

/**
 * Puts the vault's current version at a target that cannot read the vault itself.
 *
 * What is pushed is the version that is current at this moment, whatever was planned; and after the
 * push the vault is looked at once more: when a newer version came meanwhile, it is pushed as well,
 * onto the state that the first push left behind. Every push over something is bound to the state
 * that was seen before the secret was read, so of two that race none puts an older version over a
 * newer one (ADR 0011 says what is promised where nothing was). What somebody else changed meanwhile
 * is answered as it is now, and the plan decides anew. Where new versions are judged first, only the
 * one that was planned is pushed.
 *
 * Run again after a crash it finds its claim and what it put there, and answers that. The private key
 * exists in here only; it is in no answer and no error.
 */
export function makePushTarget(ports: PushTargetPorts) {
  return async (input: PushTargetInput): Promise<TargetState> => {
    const { ledger } = ports;
    const { source, target } = input;
    const claim = await ledger.claim(source, target);
    if (claim === 'taken') throw belongsToAnother(source, target);
    let landed = false;
    try {
      const state = await pushUntilCurrent(ports, input);
      landed = state.kind === 'present' && state.installed.pushedVersion !== undefined;
      return state;
    } finally {
      if (!landed && !(claim === 'held' && (await isBound(ledger, source, target)))) {
        // A claim that led to nothing is given back, be it of this run or of one that was cut off.
        await ledger.release(source, [target]);
      }
    }
  };
}

async function isBound(
  ledger: PushTargetPorts['ledger'],
  source: Source,
  target: WorkspaceCertificateTarget,
): Promise<boolean> {
  return (await ledger.binding(source, target))?.claimed === true;
}

async function pushUntilCurrent(
  ports: PushTargetPorts,
  { source, target, wanted, etag, exactly }: PushTargetInput,
): Promise<TargetState> {
  let onto = etag ?? (await ontoWhatIsThere(ports, source, target));
  for (let pushes = 1; ; pushes += 1) {
    const landed = await pushCurrent(ports, {
      source,
      target,
      wanted,
      onto,
      ...(exactly === true ? { exactly } : {}),
    });
    if (landed.kind !== 'present') return landed;
    const { etag: left, pushedVersion } = landed.installed;
    if (pushedVersion === undefined || left === undefined) return landed;
    if (exactly === true || pushes >= MOST_PUSHES) return landed;
    const seen = await ports.vaults.readCurrent(source);
    const usable = seen.kind === 'present' && seen.current.enabled;
    if (!usable || seen.current.version === pushedVersion) return landed;
    onto = left;
  }
}

/**
 * What was absent when this was planned, or before a crash or a wait, may have come since: an
 * earlier version is ours to replace.
 */
async function ontoWhatIsThere(
  { pushed, vaults }: PushTargetPorts,
  source: Source,
  target: WorkspaceCertificateTarget,
): Promise<string | undefined> {
  const there = await pushed.observe(target);
  if (there.kind !== 'present') return undefined;
  if (!(await isVersionOf(vaults, source, there.installed))) throw isThereAlready(source, target);
  return there.installed.etag ?? '*';
}

/** One push of what is current now. `pushedVersion` is set when it landed, now or before a crash. */
async function pushCurrent(
  { pushed, writer }: PushTargetPorts,
  {
    source,
    target,
    wanted,
    onto,
    exactly,
  }: Omit<PushTargetInput, 'etag'> & { readonly onto: string | undefined },
): Promise<TargetState> {
  const { pfx, thumbprint, version } = await writer.readCurrentPfx(source, wanted);
  try {
    // What is there is looked at instead, and the plan looks at the vault once more.
    if (exactly === true && version !== wanted.version) return await pushed.observe(target);
    const installed = await pushed.push(target, pfx, onto);
    return { kind: 'present', installed: { ...installed, pushedVersion: version } };
  } catch (error) {
    if (!(error instanceof TerminalError) || error.problem.code !== 'TARGET_CHANGED') throw error;
    const there = await pushed.observe(target);
    if (there.kind !== 'present' || there.installed.thumbprint !== thumbprint) return there;
    return { kind: 'present', installed: { ...there.installed, pushedVersion: version } };
  } finally {
    pfx.fill(0);
  }
}

function isThereAlready(source: Source, target: WorkspaceCertificateTarget): TerminalError {
  const path = formatTarget(target);
  return new TerminalError({
    code: 'TARGET_TAKEN',
    message: `${path} came into being while ${formatSource(source)} was about to be put there; it was left as it is.`,
    resource: path,
    cure: `Choose another id for it (${anotherId(target)}), or remove the certificate that is there.`,
  });
}

function belongsToAnother(source: Source, target: WorkspaceCertificateTarget): TerminalError {
  const path = formatTarget(target);
  return new TerminalError({
    code: 'TARGET_TAKEN',
    message: `${path} belongs to another certificate than ${formatSource(source)}.`,
    resource: path,
    cure: `Choose another id for it: ${anotherId(target)}.`,
  });
}
