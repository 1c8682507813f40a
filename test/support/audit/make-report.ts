/**
 * A report to look at: as many certificates as are asked for, every code at least once, some of it
 * acknowledged, something other than before. Not composed of facts; its parts fit each other.
 */
import { createHash } from 'node:crypto';
import { REPORT_VERSION, SEVERITIES } from '../../../shared/domain/audit/audit-report.ts';
import type {
  AuditedCertificate,
  AuditFinding,
  AuditReport,
  Place,
} from '../../../shared/domain/audit/audit-report.ts';
import { FINDING_CODES, type FindingCode } from '../../../shared/domain/audit/finding-codes.ts';
import { FINDING_KINDS } from '../../../shared/domain/audit/finding-kinds.ts';
import { headline } from '../../../shared/domain/audit/headline.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';

export interface ReportWishes {
  /** Rows of certificates; at least 12. */
  readonly certificates?: number;
  /** Every text that comes from outside is one that means harm. */
  readonly hostile?: boolean;
  readonly completedAt?: string;
}

const DAY_MS = 86_400_000;
const SERVICES = ['contoso-gw', 'contoso-shop', 'contoso-int'];
const TIERS = ['Premium', 'StandardV2', 'Consumption'];
const VAULTS = ['contoso-kv', 'contoso-legacy-kv'];
const PLACES: readonly Place[] = ['vault', 'client', 'workspace', 'ca', 'hostname', 'gateway'];
const OWNERS = ['team-shop', 'team-pay', 'platform'];
const DAYS_LEFT = [-12, 2, 6, 11, 13, 25, 29, 58, 120, 200, 300, 364];

/** The same wishes make the same report. */
export function makeReport({
  certificates: wanted = 24,
  hostile = false,
  completedAt = '2026-11-28T02:00:00.000Z',
}: ReportWishes = {}): AuditReport {
  const from = { hostile, completedAt };
  const certificates = Array.from({ length: Math.max(wanted, 12) }, (_, at) =>
    makeCertificate(at, from),
  ).sort((a, b) => (a.id < b.id ? -1 : 1));
  const findings = FINDING_CODES.map((code, at) => makeFinding(code, at, certificates, from)).sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1),
  );
  return {
    reportVersion: REPORT_VERSION,
    id: '20261128T020000Z-3f9c1a',
    startedAt: before(completedAt, 0.001),
    completedAt,
    requestedBy: hostile ? { kind: 'entra', id: '0c1f', name: harm(0) } : { kind: 'platform' },
    scope: {
      vaults: VAULTS.map((name) => ({
        name,
        resourceId: `/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`,
        certificates: certificates.filter(({ vault }) => vault === name).length,
      })),
      services: SERVICES.map((name, at) => ({
        name,
        resourceId: serviceId(name),
        certificates: certificates.filter(({ service }) => service === name).length,
        tier: TIERS[at] ?? 'Premium',
        usageAsOf: before(completedAt, 0.2),
        ...(at === 2
          ? {
              unreadable: {
                code: 'CERTKEEPER_PERMISSION_MISSING' as const,
                message: hostile ? harm(1) : 'Certkeeper may not read contoso-int.',
                cure: 'Give Certkeeper the role API Management Service Reader.',
              },
            }
          : {}),
      })),
    },
    headline: headline(certificates, findings, completedAt),
    certificates,
    findings,
    changes: {
      since: { id: '20261127T020000Z-7a0b2c', completedAt: before(completedAt, 1) },
      appeared: findings.slice(0, 2).map(({ id }) => id),
      worsened: findings.slice(2, 3).map(({ id }) => id),
      eased: findings.slice(3, 4).map(({ id }) => id),
      cleared: [
        {
          id: 'stale-at-target-000000000000',
          code: 'STALE_AT_TARGET',
          severity: 'high',
          about: 'contoso-gw/certificates/gone',
          resourceId: `${serviceId('contoso-gw')}/certificates/gone`,
          message: hostile ? harm(2) : 'contoso-gw/certificates/gone held an old version.',
          cure: 'npx certkeeper sync contoso-kv/gone',
          since: before(completedAt, 9),
        },
      ],
      certificatesAdded: certificates.slice(0, 1).map(({ id }) => id),
      certificatesRemoved: ['contoso-gw/certificates/gone'],
      certificatesRotated: certificates.slice(1, 2).map(({ id }) => id),
    },
  };
}

interface From {
  readonly hostile: boolean;
  readonly completedAt: string;
}

function makeCertificate(at: number, { hostile, completedAt }: From): AuditedCertificate {
  const place = pick(PLACES, at);
  const vault = pick(VAULTS, at);
  const service = pick(SERVICES, Math.floor(at / PLACES.length));
  // An id may hold quotes, brackets and formulas: API Management allows all but * # & + : < > ? / \.
  const name = hostile && place === 'client' ? `=cmd|'calc'!A${String(at)}` : `cert-${String(at)}`;
  const ids: Readonly<Record<Place, string>> = {
    vault: `${vault}/cert-${String(at)}`,
    client: `${service}/certificates/${name}`,
    workspace: `${service}/workspaces/team-a/certificates/${name}`,
    ca: `${service}/ca/Root/${thumbprint(at)}`,
    hostname: `${service}/hostnames/api-${String(at)}.contoso.com`,
    gateway: `${service}/gateways/shop/hostnames/${name}`,
  };
  const inVault = place === 'vault';
  const uploaded = place === 'ca' || at % 11 === 0;
  const daysLeft = pick(DAYS_LEFT, at);
  return {
    id: ids[place],
    place,
    ...(inVault ? { vault } : { service }),
    ...(place === 'workspace' ? { workspace: 'team-a' } : {}),
    resourceId: inVault
      ? `https://${vault}.vault.azure.net/certificates/cert-${String(at)}`
      : `${serviceId(service)}/certificates/${encodeURIComponent(name)}`,
    thumbprint: thumbprint(at),
    subject: hostile ? harm(at) : `CN=cert-${String(at)}.contoso.com, O=Contoso`,
    sans: hostile ? [harm(at + 1), harm(at + 2)] : [`cert-${String(at)}.contoso.com`],
    issuer: hostile ? harm(at + 3) : 'CN=Contoso Issuing CA 1, O=Contoso',
    serialNumber: `0${String(at)}`,
    key: at % 3 === 0 ? 'EC P-256' : 'RSA 2048',
    signature: 'sha256WithRSAEncryption',
    notBefore: before(completedAt, 365 - daysLeft),
    expiresAt: before(completedAt, -daysLeft),
    publicKeyDigest: createHash('sha256').update(String(at)).digest('hex'),
    ...(uploaded && !inVault
      ? { origin: 'uploaded' }
      : {
          origin: inVault ? 'vault' : place === 'workspace' ? 'pushed' : 'key-vault',
          source: `${vault}/cert-${String(at)}`,
          sourceThumbprint: at % 7 === 3 ? thumbprint(at + 1) : thumbprint(at),
          version: thumbprint(at).toLowerCase().slice(0, 32),
          owner: hostile ? harm(at + 4) : pick(OWNERS, at),
        }),
    ...(inVault
      ? { enabled: at % 5 !== 0, renewal: at % 2 === 0 ? 'auto' : 'none' }
      : {
          ...(uploaded ? {} : { binding: at % 7 === 3 ? 'blocked' : 'verified' }),
          uses: {
            verdict: at % 4 === 0 ? 'unused' : 'in-use',
            references: at % 4,
            byThumbprint: at % 8 === 1 ? 1 : 0,
            where: Array.from({ length: at % 4 }, (_, use) =>
              hostile ? harm(at + use) : `apis/orders-${String(use)}/policies/policy`,
            ),
            asOf: before(completedAt, 0.2),
          },
          lastRotatedAt: before(completedAt, 30),
          rotationSeconds: 4 + (at % 9),
        }),
    ...(place === 'client' && at % 7 === 3
      ? {
          refreshFailure: {
            code: 'KeyVaultAccessDenied',
            message: hostile ? harm(at + 5) : 'Access to the vault was denied.',
          },
        }
      : {}),
    ...(place === 'client' && at === 1 ? { removedOn: before(completedAt, -4) } : {}),
  };
}

function makeFinding(
  code: FindingCode,
  at: number,
  certificates: readonly AuditedCertificate[],
  { hostile, completedAt }: From,
): AuditFinding {
  const about = pick(certificates, at * 5);
  return {
    id: `${code.toLowerCase().replaceAll('_', '-')}-${createHash('sha256').update(code).digest('hex').slice(0, 12)}`,
    code,
    severity: FINDING_KINDS[code].severity,
    about: about.id,
    resourceId: about.resourceId,
    message: hostile ? harm(at) : `${FINDING_KINDS[code].title}: ${about.id}.`,
    cure: hostile ? harm(at + 1) : `npx certkeeper show ${about.source ?? 'contoso-kv/cert-0'}`,
    since: before(completedAt, at % 9),
    ...(code.startsWith('EXPIRE') && about.expiresAt !== undefined
      ? { dueAt: about.expiresAt }
      : {}),
    ...(at % 10 === 9
      ? {
          acknowledged: {
            reason: hostile ? harm(at + 2) : 'kept for a roll-back',
            until: '2027-01-31',
            from: at % 20 === 9 ? 'tag' : 'http',
          },
        }
      : {}),
  };
}

function serviceId(name: string): string {
  return `/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/${name}`;
}

function thumbprint(at: number): string {
  return createHash('sha1').update(String(at)).digest('hex').toUpperCase();
}

function before(at: string, days: number): string {
  return new Date(Date.parse(at) - days * DAY_MS).toISOString();
}

function harm(at: number): string {
  return pick(HOSTILE_TEXTS, at);
}

function pick<T>(from: readonly T[], at: number): T {
  const one = from[at % from.length];
  if (one === undefined) throw new Error('Nothing to pick from');
  return one;
}
