/** Certificates of services and workspaces in the store; public parts only, no key is kept. */
import type { Store } from '../service.ts';
import type { PublicCertificate } from './public-certificate.ts';

export interface LastStatus {
  /** `Success`, or the code of what went wrong. */
  readonly code: string;
  readonly message?: string | undefined;
  readonly timeStampUtc: string;
}

export interface Certificate {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** Undefined while a reference that was stored unread has never been read. */
  readonly certificate?: PublicCertificate | undefined;
  readonly keyVault?:
    | {
        readonly secretIdentifier: string;
        readonly identityClientId?: string | undefined;
        readonly lastStatus: LastStatus;
      }
    | undefined;
}

/** Whose certificates: a service's own, or those of one of its workspaces. */
export interface CertificateOwner {
  readonly serviceName: string;
  /** Empty for the service itself. */
  readonly workspaceId: string;
}

const COLLECTION = 'apim.certificates';

export interface Certificates {
  find(owner: CertificateOwner, name: string): Certificate | undefined;
  /** In the order of their names. */
  list(owner: CertificateOwner): Certificate[];
  save(owner: CertificateOwner, certificate: Certificate): void;
  delete(owner: CertificateOwner, name: string): void;
}

export function makeCertificates(store: Store): Certificates {
  const prefixOf = ({ serviceName, workspaceId }: CertificateOwner): string =>
    `${serviceName}|${workspaceId}|`.toLowerCase();
  const keyOf = (owner: CertificateOwner, name: string): string =>
    `${prefixOf(owner)}${name.toLowerCase()}`;
  return {
    find: (owner, name) => store.get(COLLECTION, keyOf(owner, name)),
    list: (owner) =>
      store.list<Certificate>(COLLECTION, prefixOf(owner)).map(({ document }) => document),
    save(owner, certificate) {
      store.put(COLLECTION, keyOf(owner, certificate.name), certificate);
    },
    delete(owner, name) {
      store.delete(COLLECTION, keyOf(owner, name));
    },
  };
}
