import type { ServiceHold } from './hold-service.ts';
import type { AccessGiver } from '../../../shared/domain/access-ports.ts';
import type { CaStores } from '../../../shared/domain/ca-ports.ts';
import type { ReferenceDocuments } from '../../../shared/domain/repair-ports.ts';
import type {
  ClientCertificates,
  PushedCertificates,
} from '../../../shared/domain/target-ports.ts';

/** Every port by which a service is changed. */
export interface ServiceWriters {
  readonly certificates: ClientCertificates;
  readonly pushed: PushedCertificates;
  readonly caStores: CaStores;
  readonly documents: ReferenceDocuments;
  readonly giver: AccessGiver;
}

/**
 * The same ports, each change of a service held back where another installation keeps it
 * (TerminalError `SERVICE_TAKEN`). Whoever changes services gets these, and nobody has to remember it.
 */
export function holdWriters(
  { certificates, pushed, caStores, documents, giver }: ServiceWriters,
  hold: Pick<ServiceHold, 'require'>,
): ServiceWriters {
  /** Asks before a change. */
  const held = async <Result>(service: string, change: () => Promise<Result>): Promise<Result> => {
    await hold.require(service);
    return await change();
  };
  return {
    certificates: {
      ...certificates,
      attach: (at, ...more) => held(at.service, () => certificates.attach(at, ...more)),
      repoint: (at, ...more) => held(at.service, () => certificates.repoint(at, ...more)),
      refresh: (at) => held(at.service, () => certificates.refresh(at)),
    },
    pushed: {
      ...pushed,
      push: (at, ...more) => held(at.service, () => pushed.push(at, ...more)),
      remove: (at, etag) => held(at.service, () => pushed.remove(at, etag)),
    },
    caStores: {
      ...caStores,
      startUpdate: (name, ...more) => held(name, () => caStores.startUpdate(name, ...more)),
    },
    documents: {
      ...documents,
      writePolicy: (name, ...more) => held(name, () => documents.writePolicy(name, ...more)),
      writeBackend: (name, ...more) => held(name, () => documents.writeBackend(name, ...more)),
      writeNamedValue: (name, ...more) =>
        held(name, () => documents.writeNamedValue(name, ...more)),
    },
    giver: { ...giver, startIdentity: (name) => held(name, () => giver.startIdentity(name)) },
  };
}
