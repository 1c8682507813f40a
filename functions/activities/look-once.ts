import type { ObserveAccessPorts } from './observe-access.ts';
import type { ClientCertificates } from '../../shared/domain/target-ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { targetKey, type ClientCertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface LookOncePorts extends Omit<ObserveAccessPorts, 'certificates'> {
  readonly certificates: Pick<ClientCertificates, 'list'>;
}

/**
 * The same looks, each taken once, however many bindings share the fact: a service, a vault, the
 * roles of an identity, a source. The targets of a service come from one list of them.
 */
export function lookOnce({
  access,
  certificates,
  vaults,
  ...rest
}: LookOncePorts): ObserveAccessPorts {
  const listed = once(
    (service: string) => statesOf(certificates, service),
    (service) => service,
  );
  return {
    ...rest,
    access: {
      service: once(
        (name: string) => access.service(name),
        (name) => name,
      ),
      vault: once(
        (name: string) => access.vault(name),
        (name) => name,
      ),
      rolesAt: once(
        (vaultId: string, objectId: string) => access.rolesAt(vaultId, objectId),
        (vaultId, objectId) => `${vaultId} ${objectId}`,
      ),
      denialsAt: once(
        (vaultId: string) => access.denialsAt(vaultId),
        (vaultId) => vaultId,
      ),
    },
    certificates: {
      observe: async (target) =>
        (await listed(target.service)).get(targetKey(target)) ?? { kind: 'absent' },
    },
    vaults: {
      readCurrent: once((source: Source) => vaults.readCurrent(source), formatSource),
      absence: once((source: Source) => vaults.absence(source), formatSource),
    },
  };
}

/** Keeps every answer, the failed ones too: who asks next asks for the same moment. */
function once<Of extends readonly unknown[], Seen>(
  look: (...of: Of) => Promise<Seen>,
  keyOf: (...of: Of) => string,
): (...of: Of) => Promise<Seen> {
  const seen = new Map<string, Promise<Seen>>();
  return (...of) => {
    const key = keyOf(...of);
    const known = seen.get(key);
    if (known !== undefined) return known;
    const looking = look(...of);
    seen.set(key, looking);
    return looking;
  };
}

async function statesOf(
  certificates: Pick<ClientCertificates, 'list'>,
  service: string,
): Promise<ReadonlyMap<string, TargetState>> {
  const states = new Map<string, TargetState>();
  for await (const { id, installed } of certificates.list(service)) {
    const target: ClientCertificateTarget = { kind: 'client-certificate', service, id };
    states.set(targetKey(target), { kind: 'present', installed });
  }
  return states;
}
