import { readAckTags } from './ack-tags.ts';
import { acknowledgementOf, findUnreadableAcks } from './acknowledgement.ts';
import type { AuditFacts, Digest } from './audit-facts.ts';
import {
  REPORT_VERSION,
  type AuditedCertificate,
  type AuditFinding,
  type AuditReport,
  type AuditScope,
} from './audit-report.ts';
import type { AuditView } from './audit-view.ts';
import { compareReports } from './compare-reports.ts';
import { findAccess } from './find-access.ts';
import { findBindings } from './find-bindings.ts';
import { findCa } from './find-ca.ts';
import { findExpiry } from './find-expiry.ts';
import { findGone } from './find-gone.ts';
import { findLimits } from './find-limits.ts';
import { findSeveral } from './find-several.ts';
import { findStale } from './find-stale.ts';
import { findUnread } from './find-unread.ts';
import { findUse } from './find-use.ts';
import { findWeak } from './find-weak.ts';
import { toFindings, type Check } from './found.ts';
import { headline } from './headline.ts';
import { joinInventory } from './join-inventory.ts';
import { compareSeverities } from './severity.ts';
import { unreadParts } from './still-unknown.ts';

/** Each looks for itself; what must not be told twice they settle by how a place stands. */
const CHECKS: readonly Check[] = [
  findUnread,
  findGone,
  findExpiry,
  findStale,
  findAccess,
  findBindings,
  findWeak,
  findCa,
  findUse,
  findSeveral,
  findLimits,
  findUnreadableAcks,
];

/**
 * Makes a report of what was read. The same facts make the same report, in whatever order vaults,
 * services, certificates and ledger entries come. Time and memory grow with their number, no faster.
 */
export function composeReport(facts: AuditFacts, digest: Digest): AuditReport {
  const view = joinInventory(facts);
  const { id, startedAt, completedAt, requestedBy, previous } = facts;
  const { certificates } = view;
  const scope = scopeOf(view);
  const findings = findAll(view, scope, digest);
  return {
    reportVersion: REPORT_VERSION,
    ...{ id, startedAt, completedAt, requestedBy, scope },
    headline: headline(certificates, findings, completedAt),
    certificates,
    findings,
    ...(previous && {
      changes: compareReports(previous, { id, completedAt, scope, findings, certificates }),
    }),
  };
}

function findAll(view: AuditView, scope: AuditScope, digest: Digest): readonly AuditFinding[] {
  const { facts, sources } = view;
  const found = CHECKS.flatMap((check) => check(view));
  const tagged = new Map(
    [...sources].map(([name, { certificate }]) => [
      name,
      readAckTags(certificate.tags, facts.completedAt),
    ]),
  );
  return [...toFindings(found, facts, unreadParts(scope), digest).values()]
    .map(({ finding, source }): AuditFinding => {
      const byTag = source === undefined ? undefined : tagged.get(source);
      const acknowledged = acknowledgementOf(finding, byTag, facts);
      return acknowledged === undefined ? finding : { ...finding, acknowledged };
    })
    .sort(compareFindings);
}

/** The gravest first; of those that are as grave what has hurt longest, or will soonest. */
function compareFindings(a: AuditFinding, b: AuditFinding): number {
  return (
    compareSeverities(a.severity, b.severity) ||
    compareTexts(a.dueAt ?? LATER, b.dueAt ?? LATER) ||
    compareTexts(a.id, b.id)
  );
}

/** After every day of ISO 8601. */
const LATER = '~';

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function scopeOf({ vaults, services, certificates }: AuditView): AuditScope {
  const inVaults = countBy(certificates, ({ vault }) => vault);
  const atServices = countBy(certificates, ({ service }) => service);
  return {
    vaults: [...vaults.values()].map(({ inventory: { name, resourceId, unreadable, gaps } }) => ({
      ...{ name, resourceId, certificates: inVaults.get(name.toLowerCase()) ?? 0 },
      ...unread(unreadable ?? gaps?.[0]),
    })),
    services: [...services.values()].map(({ inventory }) => {
      const { name, resourceId, tier, usage, unreadable, gaps } = inventory;
      return {
        ...{ name, resourceId, certificates: atServices.get(name) ?? 0 },
        ...(tier === '' ? {} : { tier }),
        ...(usage && { usageAsOf: usage.asOf }),
        ...unread(unreadable ?? gaps[0]),
      };
    }),
  };
}

function unread<P>(unreadable: P | undefined): { readonly unreadable?: P } {
  return unreadable === undefined ? {} : { unreadable };
}

function countBy(
  certificates: readonly AuditedCertificate[],
  keyOf: (one: AuditedCertificate) => string | undefined,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of certificates) {
    const key = keyOf(one);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
