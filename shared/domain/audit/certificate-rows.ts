/** The rows of a report: what is known of a certificate at its place, without a judgement. */
import type { CertificateLooks } from '../certificate-looks.ts';
import { formatSource, type Source } from '../source.ts';
import type { AuditedCertificate } from './audit-report.ts';
import type { CertificateDetails, ServiceInventory, VaultCertificate } from './inventory.ts';
import type { Kept } from './ledger-index.ts';
import type { InstalledAt } from './list-places.ts';
import { toPlainText } from '../plain-text.ts';

/** So many names of a certificate are told. */
const MOST_SANS = 100;

export function toVaultRow(source: Source, certificate: VaultCertificate): AuditedCertificate {
  const { details, thumbprint, version, enabled, expiresAt, resourceId, tags } = certificate;
  return {
    ...{ id: formatSource(source), place: 'vault', vault: source.vault, resourceId },
    ...looksOf(details),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(thumbprint === undefined ? {} : { thumbprint, sourceThumbprint: thumbprint }),
    ...(version === undefined ? {} : { version }),
    ...{ source: formatSource(source), origin: 'vault', enabled },
    ...(details === undefined ? {} : { renewal: details.renewal }),
    ...ownerOf(tags),
  };
}

/** @param current of its source, where that could be read */
export function toPlaceRow(
  installed: InstalledAt,
  { name, usage }: ServiceInventory,
  {
    source,
    current,
    details,
    kept,
  }: {
    readonly source?: Source | undefined;
    readonly current?: VaultCertificate | undefined;
    readonly details?: CertificateDetails | undefined;
    readonly kept?: Kept | undefined;
  },
): AuditedCertificate {
  const { id, place, workspace, resourceId, thumbprint, subject, expiresAt } = installed;
  const { reference, refreshFailure } = installed;
  const used = usage?.of[id] ?? usage?.of[installed.key];
  return {
    ...{ id, place, service: name },
    ...(workspace === undefined ? {} : { workspace }),
    resourceId,
    ...(subject === undefined ? {} : { subject: toPlainText(subject) }),
    ...looksOf(details),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(source === undefined ? {} : { source: formatSource(source) }),
    ...(current?.thumbprint === undefined ? {} : { sourceThumbprint: current.thumbprint }),
    ...(current?.version === undefined ? {} : { version: current.version }),
    origin: originOf(installed, kept),
    ...(reference?.kind !== 'key-vault' || reference.secret.version === undefined
      ? {}
      : { pinnedVersion: reference.secret.version }),
    ...(current === undefined ? {} : ownerOf(current.tags)),
    ...(kept === undefined ? {} : boundOf(kept)),
    ...(used === undefined || usage === undefined
      ? {}
      : {
          uses: {
            verdict: used.verdict,
            references: used.references,
            byThumbprint: used.byThumbprintCount,
            ...(used.where === undefined
              ? {}
              : { where: used.where.map((path) => toPlainText(path, 300)) }),
            asOf: usage.asOf,
          },
        }),
    ...(refreshFailure === undefined
      ? {}
      : {
          refreshFailure: {
            code: toPlainText(refreshFailure.code, 100),
            message: toPlainText(refreshFailure.message),
          },
        }),
  };
}

function originOf(
  { managed, reference }: InstalledAt,
  kept: Kept | undefined,
): AuditedCertificate['origin'] {
  if (managed) return 'managed';
  switch (reference?.kind) {
    case 'key-vault':
    case 'foreign':
      return 'key-vault';
    case 'uploaded':
      return kept === undefined ? 'uploaded' : 'pushed';
    case 'public-key':
    case undefined:
      return 'unknown';
  }
}

function boundOf({ binding, orphan }: Kept): Partial<AuditedCertificate> {
  const { status, changedAt, rotation } = binding;
  const lastRotatedAt = rotation?.at ?? changedAt;
  return {
    binding: status,
    ...(lastRotatedAt === undefined ? {} : { lastRotatedAt }),
    ...(rotation === undefined ? {} : { rotationSeconds: rotation.seconds }),
    ...(orphan?.removeAfter === undefined ? {} : { removedOn: orphan.removeAfter }),
  };
}

function looksOf(details: CertificateDetails | undefined): Partial<AuditedCertificate> {
  if (details === undefined) return {};
  const { looks, publicKeyDigest } = details;
  return {
    subject: toPlainText(looks.subject),
    sans: looks.sans.slice(0, MOST_SANS).map((name) => toPlainText(name, 300)),
    issuer: toPlainText(looks.issuer),
    serialNumber: looks.serialNumber,
    key: sayKey(looks),
    signature: looks.signatureAlgorithm,
    notBefore: looks.notBefore,
    expiresAt: looks.notAfter,
    publicKeyDigest,
  };
}

/** `RSA 2048`, `EC P-256`. */
export function sayKey({ keyType, keySize, curve }: CertificateLooks): string {
  const size = curve ?? (keySize === undefined ? undefined : String(keySize));
  return size === undefined ? keyType : `${keyType} ${size}`;
}

function ownerOf(tags: Readonly<Record<string, string>>): Partial<AuditedCertificate> {
  const [, owner] = Object.entries(tags).find(([name]) => name.toLowerCase() === 'owner') ?? [];
  return owner === undefined || owner === '' ? {} : { owner: toPlainText(owner, 256) };
}
