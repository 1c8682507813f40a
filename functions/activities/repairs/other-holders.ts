import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import type {
  ClientCertificates,
  PushedCertificates,
} from '../../../shared/domain/target-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { targetKey, type CertificateTarget } from '../../../shared/domain/target.ts';

export interface HolderPorts {
  readonly certificates: Pick<ClientCertificates, 'list'>;
  readonly pushed: Pick<PushedCertificates, 'list'>;
  readonly ledger: Pick<Ledger, 'ofSource'>;
}

/** Which certificates there are where a target is. */
export interface Holders {
  /** The id of a certificate by its thumbprint. */
  readonly ids: ReadonlyMap<string, string>;
  /**
   * The thumbprints that stay when the source rotates, each with the id of the certificate that keeps
   * it. What holds the same source rotates as well, and keeps none.
   */
  readonly kept: ReadonlyMap<string, string>;
}

/** Lists the certificates of the service, or of the workspace, in which a target is. */
export async function readHolders(
  { certificates, pushed, ledger }: HolderPorts,
  source: Source,
  target: CertificateTarget,
): Promise<Holders> {
  const { bindings } = await ledger.ofSource(source);
  const rotating = new Set(
    [target, ...bindings.filter(({ claimed }) => claimed).map((one) => one.target)].map(targetKey),
  );
  const ids = new Map<string, string>();
  const kept = new Map<string, string>();
  const listed =
    target.kind === 'client-certificate'
      ? certificates.list(target.service)
      : pushed.list(target.service, target.workspace);
  for await (const { id, installed } of listed) {
    const { thumbprint, reference } = installed;
    if (thumbprint === undefined) continue;
    if (!ids.has(thumbprint)) ids.set(thumbprint, id);
    const follows =
      rotating.has(targetKey({ ...target, id })) ||
      (reference.kind === 'key-vault' &&
        formatSource(reference.secret.source) === formatSource(source));
    if (!follows) kept.set(thumbprint, id);
  }
  return { ids, kept };
}
