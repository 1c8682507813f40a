import { makeIdentifyTarget } from './identify-target.ts';
import { look } from './observe-access.ts';
import type { CertificateFacts, Look } from '../../shared/domain/access-facts.ts';
import type { AccessReader } from '../../shared/domain/access-ports.ts';
import type { PushedCertificates } from '../../shared/domain/target-ports.ts';
import type { Absences, Vaults, VaultWriter } from '../../shared/domain/vault-ports.ts';
import type { PushedAccessFacts } from '../../shared/domain/pushed-access.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type { WorkspaceCertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface ObservePushedAccessPorts {
  readonly access: Pick<AccessReader, 'service'>;
  readonly pushed: Pick<PushedCertificates, 'observe'>;
  readonly vaults: Pick<Vaults, 'readCurrent' | 'versions'> & Absences;
  readonly writer: Pick<VaultWriter, 'readCurrentPfx'>;
  readonly now: () => Date;
}

const UNASKED = { kind: 'unasked' } as const;

/**
 * Reads what the checks of a workspace need to know. Whether Certkeeper may read the private key is
 * found out by reading it, as nothing else tells for sure; it is wiped at once. Changes nothing.
 */
export async function observePushedAccess(
  ports: ObservePushedAccessPorts,
  input: {
    readonly source: Source;
    readonly target: WorkspaceCertificateTarget;
    /** Absent = the source is read. */
    readonly observation?: SourceObservation;
  },
): Promise<PushedAccessFacts> {
  const { access, vaults, now } = ports;
  const { source, target } = input;
  const [service, seen] = await Promise.all([
    look(() => access.service(target.service)),
    look(async () => input.observation ?? (await vaults.readCurrent(source))),
  ]);
  const [installed, key, certificate] = await Promise.all([
    service.kind === 'seen' ? look(() => observePlace(ports, source, target)) : UNASKED,
    seen.kind === 'seen' ? observeKey(ports, source, seen.value) : UNASKED,
    observeCertificate(vaults, source, seen),
  ]);
  return { source, target, service, installed, certificate, key, now: now().toISOString() };
}

async function observeCertificate(
  vaults: Absences,
  source: Source,
  seen: Look<SourceObservation>,
): Promise<Look<CertificateFacts>> {
  if (seen.kind !== 'seen') return seen;
  const { value } = seen;
  if (value.kind !== 'missing') return { kind: 'seen', value };
  return await look(async () => ({ kind: 'absent', why: await vaults.absence(source) }));
}

async function observePlace(
  { pushed, vaults }: ObservePushedAccessPorts,
  source: Source,
  target: WorkspaceCertificateTarget,
): Promise<TargetState> {
  const state = await pushed.observe(target);
  if (state.kind !== 'present' || state.installed.reference.kind !== 'uploaded') return state;
  return await makeIdentifyTarget(vaults)({ source, installed: state.installed });
}

async function observeKey(
  { writer }: ObservePushedAccessPorts,
  source: Source,
  seen: SourceObservation,
): Promise<Look<'readable'>> {
  if (seen.kind !== 'present' || !seen.current.enabled) return UNASKED;
  return await look(async () => {
    (await writer.readCurrentPfx(source, seen.current)).pfx.fill(0);
    return 'readable' as const;
  });
}
