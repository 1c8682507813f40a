import type {
  AccessFacts,
  CertificateFacts,
  Look,
  VaultFacts,
} from '../../shared/domain/access-facts.ts';
import { checkPolicies } from '../../shared/domain/check-policies.ts';
import { findReader, type Reader } from '../../shared/domain/check-identity.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { AccessReader } from '../../shared/domain/access-ports.ts';
import type { ClientCertificates } from '../../shared/domain/target-ports.ts';
import type { Absences, Vaults } from '../../shared/domain/vault-ports.ts';
import { versionlessIdentifier } from '../../shared/domain/secret-identifier.ts';
import { chooseIdentity, type ServiceObservation } from '../../shared/domain/service.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type { ClientCertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface ObserveAccessPorts {
  readonly access: AccessReader;
  readonly certificates: Pick<ClientCertificates, 'observe'>;
  readonly vaults: Pick<Vaults, 'readCurrent'> & Absences;
  readonly vaultSuffix: string;
  readonly now: () => Date;
}

export interface ObserveAccessInput {
  readonly source: Source;
  readonly target: ClientCertificateTarget;
  /** Absent = the source is read. */
  readonly observation?: SourceObservation;
  /** What is at the target; absent, or known from the ledger only = it is read. */
  readonly state?: TargetState;
}

/** What is not there, as opposed to what Certkeeper may not look at. */
const GONE = new Set([
  'SERVICE_NOT_FOUND',
  'VAULT_DELETED',
  'VAULT_NOT_FOUND',
  'WORKSPACE_NOT_FOUND',
]);
const UNASKED = { kind: 'unasked' } as const;

/** Reads what the checks need to know, and only that. Changes nothing. */
export async function observeAccess(
  ports: ObserveAccessPorts,
  input: ObserveAccessInput,
): Promise<AccessFacts> {
  const { access, vaultSuffix, now } = ports;
  const { source, target } = input;
  const [service, vault] = await Promise.all([
    look(() => access.service(target.service)),
    look(() => access.vault(source.vault)),
  ]);
  const installed = service.kind === 'seen' ? await lookAtTarget(ports, input) : UNASKED;
  const identityClientId = namedBy(installed, service);
  const named = identityClientId === undefined ? {} : { identityClientId };
  const reader =
    service.kind === 'seen' ? findReader(service.value, { installed, ...named }) : undefined;
  return {
    source,
    target,
    secretIdentifier: versionlessIdentifier(source, vaultSuffix),
    service,
    installed,
    ...named,
    vault,
    ...(await observeRoles(access, vault, service, reader)),
    certificate: vault.kind === 'gone' ? UNASKED : await observeCertificate(ports, input),
    now: now().toISOString(),
  };
}

async function lookAtTarget(
  { certificates }: ObserveAccessPorts,
  { target, state }: ObserveAccessInput,
): Promise<Look<TargetState>> {
  const known = state?.kind === 'present' || state?.kind === 'absent';
  return known ? { kind: 'seen', value: state } : await look(() => certificates.observe(target));
}

async function observeRoles(
  access: AccessReader,
  vault: Look<VaultFacts>,
  service: Look<ServiceObservation>,
  reader: Reader | undefined,
): Promise<Pick<AccessFacts, 'roles' | 'denials'>> {
  if (vault.kind !== 'seen' || service.kind !== 'seen' || reader === undefined) {
    return { roles: UNASKED, denials: UNASKED };
  }
  const { id } = vault.value;
  const roles = () => look(() => access.rolesAt(id, reader.objectId));
  if (vault.value.rbac) {
    const [held, denials] = await Promise.all([roles(), look(() => access.denialsAt(id))]);
    return { roles: held, denials };
  }
  // Where policies count, roles only explain why somebody thought that it would work.
  const checks = checkPolicies(vault.value, service.value, reader, UNASKED);
  const fine = checks.every(({ severity }) => severity === 'passed');
  return { roles: fine ? UNASKED : await roles(), denials: UNASKED };
}

async function observeCertificate(
  { vaults }: ObserveAccessPorts,
  { source, observation }: ObserveAccessInput,
): Promise<Look<CertificateFacts>> {
  return look(async () => {
    const seen = observation ?? (await vaults.readCurrent(source));
    if (seen.kind !== 'missing') return seen;
    return { kind: 'absent', why: await vaults.absence(source) };
  });
}

/** The identity that the reference at the target names; without one, what a new one would name. */
function namedBy(
  installed: AccessFacts['installed'],
  service: Look<ServiceObservation>,
): string | undefined {
  const state = installed.kind === 'seen' ? installed.value : undefined;
  if (state?.kind === 'present' && state.installed.reference.kind === 'key-vault') {
    return state.installed.reference.identityClientId;
  }
  if (service.kind !== 'seen') return undefined;
  const choice = chooseIdentity(service.value);
  return choice.kind === 'user-assigned' ? choice.clientId : undefined;
}

/** A look that answers what is not there, or what Certkeeper may not look at, as a value. */
export async function look<Seen>(read: () => Promise<Seen>): Promise<Look<Seen>> {
  try {
    return { kind: 'seen', value: await read() };
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    const { problem } = error;
    return { kind: GONE.has(problem.code) ? 'gone' : 'unseen', problem };
  }
}
