import { TerminalError } from '../../shared/domain/errors.ts';
import type { AccessReader } from '../../shared/domain/access-ports.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';
import type { ClientCertificates } from '../../shared/domain/target-ports.ts';
import { chooseIdentity, type NamedIdentity } from '../../shared/domain/service.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { formatTarget, type ClientCertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface AttachTargetPorts {
  readonly access: Pick<AccessReader, 'service'>;
  readonly certificates: Pick<ClientCertificates, 'attach' | 'observe'>;
  readonly ledger: Pick<Ledger, 'binding' | 'claim' | 'release'>;
}

/**
 * Takes the target for the source in the ledger, looks at it once more, then creates it: that Azure
 * refuses to overwrite what is there is not to be relied on. Run again after a crash it finds its
 * own claim, and answers the certificate that it created then. A claim that leads to nothing is
 * given back, also when the step is only put off: the next try takes it anew.
 */
export function makeAttachTarget({ access, certificates, ledger }: AttachTargetPorts) {
  return async (input: {
    source: Source;
    target: ClientCertificateTarget;
    secretIdentifier: string;
    identity?: NamedIdentity;
  }): Promise<TargetState> => {
    const { source, target, secretIdentifier } = input;
    const identity = input.identity ?? (await findIdentity(access, target));

    const claim = await ledger.claim(source, target);
    if (claim === 'taken') throw belongsToAnother(source, target);
    try {
      // What was absent when this was planned, or before a crash or a wait, may have come since.
      const there = await certificates.observe(target);
      if (refersTo(there, source)) return there;
      if (there.kind === 'present') throw isThereAlready(source, target);
      const clientId = identity.kind === 'user-assigned' ? identity.clientId : undefined;
      const installed = await certificates.attach(target, secretIdentifier, clientId);
      return { kind: 'present', installed };
    } catch (error) {
      if (isTaken(error)) {
        const there = await certificates.observe(target);
        if (refersTo(there, source)) return there;
      }
      // A claim that led to nothing is given back, be it of this run or of one that was cut off.
      const bound = claim === 'held' && (await ledger.binding(source, target))?.claimed === true;
      if (!bound) await ledger.release(source, [target]);
      throw error;
    }
  };
}

/**
 * The identity that reads the vault for what is newly put at a target.
 *
 * Thrown when the service has none that could: TerminalError.
 */
export async function findIdentity(
  access: Pick<AccessReader, 'service'>,
  target: ClientCertificateTarget,
): Promise<NamedIdentity> {
  const identity = chooseIdentity(await access.service(target.service));
  if (identity.kind === 'none') throw new TerminalError(identity.problem);
  return identity;
}

function isTaken(error: unknown): boolean {
  return error instanceof TerminalError && error.problem.code === 'TARGET_TAKEN';
}

function refersTo(state: TargetState, source: Source): boolean {
  if (state.kind !== 'present' || state.installed.reference.kind !== 'key-vault') return false;
  return formatSource(state.installed.reference.secret.source) === formatSource(source);
}

function isThereAlready(source: Source, target: ClientCertificateTarget): TerminalError {
  const path = formatTarget(target);
  return new TerminalError({
    code: 'TARGET_TAKEN',
    message: `${path} came into being while ${formatSource(source)} was about to be attached there; it was left as it is.`,
    resource: path,
    cure: 'Choose another id for it ({service}/certificates/{id}), or remove the certificate that is there.',
  });
}

function belongsToAnother(source: Source, target: ClientCertificateTarget): TerminalError {
  const path = formatTarget(target);
  return new TerminalError({
    code: 'TARGET_TAKEN',
    message: `${path} belongs to another certificate than ${formatSource(source)}.`,
    resource: path,
    cure: 'Choose another id for it: {service}/certificates/{id}.',
  });
}
