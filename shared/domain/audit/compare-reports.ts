import type { ReportDigest } from './audit-facts.ts';
import type { AuditFinding, ReportChanges } from './audit-report.ts';
import { renewalStage } from './expiry.ts';
import { compareSeverities } from './severity.ts';
import { isStillUnknown, unreadParts } from './still-unknown.ts';

/**
 * What is other in `after` than in `before`, which came earlier; ids in the order of `after`, those
 * of certificates in their own. A finding that has gone on towards the expiry counts as worsened also
 * when it is as grave as before. Nothing is said to be gone that depends on what could not be read, or
 * not whole.
 */
export function compareReports(before: ReportDigest, after: ReportDigest): ReportChanges {
  const known = new Map(before.findings.map((one) => [one.id, one]));
  const present = new Set(after.findings.map(({ id }) => id));
  const held = new Map(before.certificates.map((one) => [one.id, one]));
  const holds = new Set(after.certificates.map(({ id }) => id));
  const unread = unreadParts(after.scope);
  const changed = (wanted: (course: number) => boolean): string[] =>
    after.findings.flatMap((finding) => {
      const earlier = known.get(finding.id);
      return earlier !== undefined && wanted(courseOf(earlier, finding)) ? [finding.id] : [];
    });
  return {
    since: { id: before.id, completedAt: before.completedAt },
    appeared: after.findings.flatMap(({ id }) => (known.has(id) ? [] : [id])),
    worsened: changed((course) => course > 0),
    eased: changed((course) => course < 0),
    cleared: before.findings.filter(
      (finding) => !present.has(finding.id) && !isStillUnknown(finding, unread),
    ),
    certificatesAdded: after.certificates.flatMap(({ id }) => (held.has(id) ? [] : [id])),
    certificatesRemoved: before.certificates.flatMap(({ id }) =>
      holds.has(id) || isStillUnknown({ about: id }, unread) ? [] : [id],
    ),
    certificatesRotated: after.certificates.flatMap(({ id, thumbprint }) => {
      const earlier = held.get(id)?.thumbprint;
      return earlier !== undefined && thumbprint !== undefined && earlier !== thumbprint
        ? [id]
        : [];
    }),
  };
}

/** Above nought: it became graver, or came nearer to the expiry; below: the other way round. */
function courseOf(before: AuditFinding, after: AuditFinding): number {
  return (
    compareSeverities(before.severity, after.severity) ||
    renewalStage(after.code) - renewalStage(before.code)
  );
}
