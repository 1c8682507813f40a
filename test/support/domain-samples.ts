import type { Binding } from '../../shared/domain/binding.ts';
import type { CertificateLooks } from '../../shared/domain/certificate-looks.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import type { CurrentVersion, Source, SourceObservation } from '../../shared/domain/source.ts';
import type {
  ClientCertificateTarget,
  WorkspaceCertificateTarget,
} from '../../shared/domain/target.ts';
import type { InstalledCertificate, TargetState } from '../../shared/domain/target-state.ts';

export const SUFFIX = 'vault.azure.net';
export const SOURCE: Source = { vault: 'contoso-kv', name: 'gateway-client' };
export const OTHER_SOURCE: Source = { vault: 'contoso-kv', name: 'partner-mtls' };
export const TARGET: ClientCertificateTarget = {
  kind: 'client-certificate',
  service: 'contoso-gw',
  id: 'gateway-client',
};
export const WORKSPACE_TARGET: WorkspaceCertificateTarget = {
  kind: 'workspace-certificate',
  service: 'contoso-gw',
  workspace: 'team-a',
  id: 'gateway-client',
};
export const NEW_THUMBPRINT = 'A'.repeat(40);
export const OLD_THUMBPRINT = 'B'.repeat(40);
export const NEW_VERSION = 'ee059b2bb5bc48398a53b168c6cdcb10';
export const OLD_VERSION = '11059b2bb5bc48398a53b168c6cdcb10';
export const NOW = '2026-07-25T01:08:33.000Z';

export const PROBLEM: Problem = {
  code: 'AZURE_REFUSED',
  message: 'Azure refused to attach it (400 ValidationError).',
  resource: 'contoso-gw/certificates/gateway-client',
};

export function makeCurrent(other: Partial<CurrentVersion> = {}): CurrentVersion {
  return {
    version: NEW_VERSION,
    thumbprint: NEW_THUMBPRINT,
    enabled: true,
    createdAt: '2026-07-25T01:00:00.000Z',
    expiresAt: '2027-07-25T01:00:00.000Z',
    contentType: 'application/x-pkcs12',
    exportable: true,
    tags: {},
    ...other,
  };
}

/** What a certificate for two names says of itself. */
export function makeLooks(other: Partial<CertificateLooks> = {}): CertificateLooks {
  return {
    subject: 'CN=a.contoso.com',
    issuer: 'CN=Contoso CA',
    sans: ['a.contoso.com', 'b.contoso.com'],
    serialNumber: '01',
    thumbprint: OLD_THUMBPRINT,
    notBefore: '2025-07-01T00:00:00.000Z',
    notAfter: '2027-07-01T00:00:00.000Z',
    keyType: 'RSA',
    keySize: 2048,
    signatureAlgorithm: 'sha256WithRSAEncryption',
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['clientAuth'],
    ...other,
  };
}

export function makePresent(other: Partial<CurrentVersion> = {}): SourceObservation {
  return { kind: 'present', current: makeCurrent(other) };
}

/** A versionless Key Vault reference to {@link SOURCE} that holds the current version. */
export function makeInstalled(other: Partial<InstalledCertificate> = {}): InstalledCertificate {
  return {
    reference: { kind: 'key-vault', secret: { source: SOURCE, collection: 'secrets' } },
    thumbprint: NEW_THUMBPRINT,
    etag: '"1"',
    ...other,
  };
}

export function makeState(other: Partial<InstalledCertificate> = {}): TargetState {
  return { kind: 'present', installed: makeInstalled(other) };
}

/** An uploaded certificate: the current version, unless said otherwise. */
export function makeUploaded(
  other: Partial<InstalledCertificate> = {},
): Extract<TargetState, { kind: 'present' }> {
  return {
    kind: 'present',
    installed: {
      reference: { kind: 'uploaded' },
      thumbprint: NEW_THUMBPRINT,
      etag: '"1"',
      ...other,
    },
  };
}

/** A workspace's certificate bound by tag, verified with the version before the current one. */
export function makePushedBinding(other: Partial<Binding> = {}): Binding {
  return makeBinding({
    target: WORKSPACE_TARGET,
    versionless: false,
    pushed: { thumbprint: OLD_THUMBPRINT, etag: '"1"' },
    ...other,
  });
}

/** A binding by tag, verified with the version before the current one. */
export function makeBinding(other: Partial<Binding> = {}): Binding {
  return {
    source: SOURCE,
    target: TARGET,
    origin: 'tag',
    claimed: true,
    status: 'verified',
    versionless: true,
    targetThumbprint: OLD_THUMBPRINT,
    verifiedVersion: OLD_VERSION,
    verifiedAt: '2026-07-01T00:00:00.000Z',
    ...other,
  };
}
