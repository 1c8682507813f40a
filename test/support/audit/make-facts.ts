/** Facts for a report, small and whole: what a test is about it says itself, the rest is in order. */
import { createHash } from 'node:crypto';
import type { AuditFacts } from '../../../shared/domain/audit/audit-facts.ts';
import { composeReport } from '../../../shared/domain/audit/compose-report.ts';
import type {
  CertificateDetails,
  HostnamePart,
  InstalledPart,
  ServiceInventory,
  VaultCertificate,
  VaultInventory,
} from '../../../shared/domain/audit/inventory.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import type { AccessRecord } from '../../../shared/domain/access-record.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { Orphan } from '../../../shared/domain/cleanup.ts';
import type { LedgerEntry } from '../../../shared/domain/ledger-ports.ts';
import type { Target } from '../../../shared/domain/target.ts';
import type { Reference } from '../../../shared/domain/target-state.ts';
import { makeLooks, NEW_THUMBPRINT, NEW_VERSION, SOURCE, TARGET } from '../domain-samples.ts';

/** When everything was read. */
export const READ_AT = '2026-11-28T02:00:00.000Z';
const DAY_MS = 86_400_000;

/** A moment so many days from {@link READ_AT}. */
export function inDays(days: number): string {
  return new Date(Date.parse(READ_AT) + days * DAY_MS).toISOString();
}

/** The digest that reports are made with. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function makeFacts(other: Partial<AuditFacts> = {}): AuditFacts {
  return {
    id: '20261128T020000Z-000001',
    startedAt: inDays(-0.001),
    completedAt: READ_AT,
    requestedBy: { kind: 'platform' },
    vaults: [makeVault()],
    services: [makeService()],
    ledger: [makeEntry()],
    acknowledgements: new Map(),
    settings: { expiryDays: [30, 14, 7] },
    publicIssuers: ['DigiCert Inc'],
    vaultSuffix: 'vault.azure.net',
    undelivered: [],
    marks: [],
    ...other,
  };
}

export function report(other: Partial<AuditFacts> = {}): AuditReport {
  return composeReport(makeFacts(other), sha256);
}

/** Each finding as `CODE about`, the gravest first. */
export function told(made: AuditReport): readonly string[] {
  return made.findings.map(({ code, about }) => `${code} ${about}`);
}

/** A vault that holds {@link makeVaulted}. */
export function makeVault(other: Partial<VaultInventory> = {}): VaultInventory {
  return {
    kind: 'vault',
    name: SOURCE.vault,
    resourceId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/contoso-kv',
    readAt: READ_AT,
    certificates: [makeVaulted()],
    deleted: [],
    ...other,
  };
}

/** A certificate without a fault, a year from its end, made ten days ago. */
export function makeVaulted(other: Partial<VaultCertificate> = {}): VaultCertificate {
  const { name = SOURCE.name, thumbprint = NEW_THUMBPRINT, expiresAt = inDays(365) } = other;
  return {
    name,
    resourceId: `https://contoso-kv.vault.azure.net/certificates/${name}`,
    enabled: true,
    thumbprint,
    version: NEW_VERSION,
    createdAt: inDays(-10),
    expiresAt,
    tags: {},
    details: makeDetails({
      publicKeyDigest: sha256(name),
      looks: makeLooks({ thumbprint, notAfter: expiresAt, subject: `CN=${name}` }),
    }),
    ...other,
  };
}

export function makeDetails(other: Partial<CertificateDetails> = {}): CertificateDetails {
  return {
    looks: makeLooks({ thumbprint: NEW_THUMBPRINT, notAfter: inDays(365) }),
    publicKeyDigest: 'aa',
    selfSigned: false,
    renewal: 'auto',
    chain: 'complete',
    ...other,
  };
}

/** A service that holds {@link makeClient}, and the CA certificate of its issuer. */
export function makeService(other: Partial<ServiceInventory> = {}): ServiceInventory {
  return {
    kind: 'service',
    name: TARGET.service,
    resourceId:
      '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso-gw',
    readAt: READ_AT,
    tier: 'Premium',
    clients: [makeClient()],
    workspaces: [],
    ca: [
      {
        store: 'Root',
        thumbprint: 'C'.repeat(40),
        subject: 'CN=Contoso CA',
        expiresAt: inDays(3_000),
      },
    ],
    hostnames: [],
    gateways: [],
    usage: makeUsage({}),
    gaps: [],
    ...other,
  };
}

export const VERSIONLESS: Reference = {
  kind: 'key-vault',
  secret: { source: SOURCE, collection: 'secrets' },
};
export const UPLOADED: Reference = { kind: 'uploaded' };

/** A client certificate that holds the current version by a versionless reference. */
export function makeClient(other: Partial<InstalledPart> = {}): InstalledPart {
  return {
    id: other.id ?? TARGET.id,
    resourceId: `/subscriptions/s/…/service/contoso-gw/certificates/${other.id ?? TARGET.id}`,
    reference: VERSIONLESS,
    thumbprint: NEW_THUMBPRINT,
    expiresAt: inDays(365),
    ...other,
  };
}

export function makeHostname(other: Partial<HostnamePart> = {}): HostnamePart {
  return {
    hostName: 'api.contoso.com',
    type: 'Proxy',
    thumbprint: NEW_THUMBPRINT,
    expiresAt: inDays(365),
    certificateSource: 'KeyVault',
    reference: VERSIONLESS,
    status: 'Completed',
    ...other,
  };
}

/** All that is named is used by something; what is not, nobody knows of. */
export function makeUsage(
  of: NonNullable<ServiceInventory['usage']>['of'],
): NonNullable<ServiceInventory['usage']> {
  return { asOf: inDays(-0.2), of };
}

export const UNUSED = {
  verdict: 'unused',
  references: 0,
  byThumbprint: [],
  byThumbprintCount: 0,
} as const;
export const IN_USE = { ...UNUSED, verdict: 'in-use', references: 2 } as const;

/** The ledger's entry of the source, bound to {@link TARGET} and verified there. */
export function makeEntry(other: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    record: { source: SOURCE, version: NEW_VERSION, thumbprint: NEW_THUMBPRINT, problems: [] },
    bindings: [makeBound()],
    ...other,
  };
}

export function makeBound(other: Partial<Binding> = {}): Binding {
  return {
    source: SOURCE,
    target: TARGET,
    origin: 'tag',
    claimed: true,
    status: 'verified',
    versionless: true,
    targetThumbprint: NEW_THUMBPRINT,
    verifiedVersion: NEW_VERSION,
    verifiedAt: inDays(-9),
    changedAt: inDays(-10),
    ...other,
  };
}

export function makeOrphan(other: Partial<Orphan> = {}): Orphan {
  return {
    target: TARGET,
    fate: 'soft-deleted',
    since: inDays(-2),
    seenAt: inDays(-1),
    told: true,
    ...other,
  };
}

/** What stands in the way of reading the vault. */
export function makeAccess(
  problem: AccessRecord['problems'][number],
  {
    target = TARGET,
    verdict = 'blocks',
  }: { target?: Target; verdict?: 'blocks' | 'may-block' } = {},
): AccessRecord {
  return {
    ...{ target, verdict, problems: [problem] },
    checkedAt: inDays(-0.1),
    since: inDays(-3),
    told: verdict === 'blocks' ? [problem.code] : [],
  };
}
