import { findIdentity } from './attach-target.ts';
import type { makeObserveCaTarget } from './ca/keep-ca-target.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { AccessReader } from '../../shared/domain/access-ports.ts';
import type { ClientCertificates, PushedCertificates } from '../../shared/domain/target-ports.ts';
import type { NamedIdentity } from '../../shared/domain/service.ts';
import type { Source } from '../../shared/domain/source.ts';
import type {
  CaTarget,
  CertificateTarget,
  ClientCertificateTarget,
} from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface ObserveTargetPorts {
  readonly certificates: Pick<ClientCertificates, 'observe'>;
  readonly pushed: Pick<PushedCertificates, 'observe'>;
  readonly observeCa: ReturnType<typeof makeObserveCaTarget>;
}

interface At {
  readonly target: ClientCertificateTarget;
}

/** Reads one target; changes nothing. */
export function makeObserveTarget({ certificates, pushed, observeCa }: ObserveTargetPorts) {
  return async (input: {
    readonly target: CertificateTarget | CaTarget;
    /** For a store of CA certificates, which lists many: whose is looked for, and which. */
    readonly source?: Source;
    readonly wanted?: { readonly version: string; readonly thumbprint: string };
  }): Promise<TargetState> => {
    const { target, source, wanted } = input;
    if (target.kind === 'client-certificate') return await certificates.observe(target);
    if (target.kind === 'workspace-certificate') return await pushed.observe(target);
    if (source === undefined || wanted === undefined) return { kind: 'unread' };
    return await observeCa({ source, target, wanted });
  };
}

/** Makes the service read the vault now. Doing it twice leaves what doing it once leaves. */
export function makeRefreshTarget(certificates: Pick<ClientCertificates, 'refresh'>) {
  return ({ target }: At): Promise<TargetState> => certificates.refresh(target);
}

/**
 * Makes a reference versionless, bound to the ETag it was planned on. Run again after a crash it is
 * refused by its own first success; so a refusal is answered with what is there now, and the plan
 * decides anew. Where somebody else's certificate is taken over, the service's own identity reads
 * the vault, as for a new one.
 */
export function makeRepointTarget({
  access,
  certificates,
}: {
  readonly access: Pick<AccessReader, 'service'>;
  readonly certificates: Pick<ClientCertificates, 'observe' | 'repoint'>;
}) {
  return async (
    input: At & {
      secretIdentifier: string;
      identityClientId?: string;
      etag: string;
      takeOver?: true;
      identity?: NamedIdentity;
    },
  ): Promise<TargetState> => {
    const { target, secretIdentifier, etag } = input;
    const identityClientId =
      input.takeOver === true
        ? clientIdOf(input.identity ?? (await findIdentity(access, target)))
        : input.identityClientId;
    try {
      const installed = await certificates.repoint(
        target,
        secretIdentifier,
        identityClientId,
        etag,
      );
      return { kind: 'present', installed };
    } catch (error) {
      if (!(error instanceof TerminalError) || error.problem.code !== 'TARGET_CHANGED') throw error;
      return await certificates.observe(target);
    }
  };
}

function clientIdOf(identity: NamedIdentity): string | undefined {
  return identity.kind === 'user-assigned' ? identity.clientId : undefined;
}
