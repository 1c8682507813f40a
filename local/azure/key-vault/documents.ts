/** What the simulated Key Vault keeps: certificates, their versions, their pending operations. */
import type { Store } from '../service.ts';
import type { Policy } from './policy.ts';

export type Tags = Readonly<Record<string, string>>;

/** A certificate: the object that its versions, its policy and its deletion belong to. */
export interface CertificateDocument {
  readonly vault: string;
  /** As first written; names are compared without letter case. */
  readonly name: string;
  /** The newest created version; missing until the first one is there. */
  readonly latest?: string;
  readonly policy: Policy;
  readonly pending?: PendingOperation;
  readonly deleted?: {
    /** Seconds since 1970, as every time of this service. */
    readonly deletedDate: number;
    readonly scheduledPurgeDate: number;
  };
}

export interface PendingOperation {
  readonly status: 'inProgress' | 'completed' | 'cancelled' | 'failed';
  readonly statusDetails?: string;
  readonly requestId: string;
  readonly issuer: string;
  /** The version that comes of it. */
  readonly version: string;
  readonly created: number;
  /** Base64 DER. */
  readonly csr: string;
  /** PKCS#8, sealed; gone once the version has it. */
  readonly sealedKey?: string;
  readonly cancellationRequested: boolean;
  readonly tags: Tags;
  readonly enabled: boolean;
  /** When an issuer that works by itself is done. */
  readonly dueAt?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface VersionDocument {
  readonly version: string;
  readonly enabled: boolean;
  readonly notBefore: number;
  readonly expires: number;
  readonly created: number;
  readonly updated: number;
  readonly tags: Tags;
  /** Base64 DER, the certificate itself first. */
  readonly chain: readonly string[];
  /** PKCS#8, sealed. */
  readonly sealedKey: string;
  readonly exportable: boolean;
  readonly contentType: string;
  readonly subject: string;
  /** base64url of the SHA-1. */
  readonly thumbprint: string;
  readonly preserveOrder?: boolean;
  /** Which of the events that the clock brings were raised. */
  readonly raised?: readonly ('NearExpiry' | 'Expired')[];
}

const CERTIFICATES = 'key-vault/certificates';
const VERSIONS = 'key-vault/versions';

export interface CertificateDocuments {
  get(vault: string, name: string): CertificateDocument | undefined;
  put(certificate: CertificateDocument): void;
  /** Removes the certificate with all its versions. */
  remove(certificate: CertificateDocument): void;
  /** By name, of one vault or of all. */
  list(vault?: string): CertificateDocument[];
  version(certificate: CertificateDocument, version: string): VersionDocument | undefined;
  /** The newest created one. */
  latest(certificate: CertificateDocument): VersionDocument | undefined;
  putVersion(certificate: CertificateDocument, version: VersionDocument): void;
  /** In the order of their ids, which says nothing of their age: as the service lists them. */
  versions(certificate: CertificateDocument): VersionDocument[];
}

export function makeDocuments(store: Store): CertificateDocuments {
  const keyOf = (vault: string, name: string): string => `${vault}/${name.toLowerCase()}`;
  const versionKey = ({ vault, name }: CertificateDocument, version: string): string =>
    `${keyOf(vault, name)}/${version.toLowerCase()}`;
  const versions = (certificate: CertificateDocument): VersionDocument[] =>
    store
      .list<VersionDocument>(VERSIONS, versionKey(certificate, ''))
      .map(({ document }) => document);

  return {
    get: (vault, name) => store.get<CertificateDocument>(CERTIFICATES, keyOf(vault, name)),
    put: (certificate) =>
      store.put(CERTIFICATES, keyOf(certificate.vault, certificate.name), certificate),
    remove(certificate) {
      store.transaction(() => {
        for (const { version } of versions(certificate)) {
          store.delete(VERSIONS, versionKey(certificate, version));
        }
        store.delete(CERTIFICATES, keyOf(certificate.vault, certificate.name));
      });
    },
    list: (vault) =>
      store
        .list<CertificateDocument>(CERTIFICATES, vault === undefined ? '' : `${vault}/`)
        .map(({ document }) => document),
    version: (certificate, version) =>
      store.get<VersionDocument>(VERSIONS, versionKey(certificate, version)),
    latest: (certificate) =>
      certificate.latest === undefined
        ? undefined
        : store.get<VersionDocument>(VERSIONS, versionKey(certificate, certificate.latest)),
    putVersion: (certificate, version) =>
      store.put(VERSIONS, versionKey(certificate, version.version), version),
    versions,
  };
}
