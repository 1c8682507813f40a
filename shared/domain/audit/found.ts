import { formatSource } from '../source.ts';
import type { AuditFacts, Digest } from './audit-facts.ts';
import { SEVERITIES, type AuditFinding, type Severity } from './audit-report.ts';
import type { AuditView, SeenPlace, SeenSource } from './audit-view.ts';
import { expiryCode, renewalStage } from './expiry.ts';
import type { FindingCode } from './finding-codes.ts';
import { FINDING_KINDS } from './finding-kinds.ts';
import { toPlainText } from '../plain-text.ts';
import { graverOf, milderOf } from './severity.ts';
import { partOf, stillUnread, toDependsOn } from './still-unknown.ts';

/** What a check saw. What is the same for every finding is added when all have been made. */
export interface Found {
  readonly code: FindingCode;
  /** Absent = as grave as its code is as a rule. */
  readonly severity?: Severity;
  readonly about: string;
  readonly resourceId: string;
  readonly message: string;
  readonly cure: string;
  readonly dueAt?: string;
  /** What tells it apart from others of its code about the same. */
  readonly key?: string;
  /** `vault/name` of the source by whose tag it can be acknowledged. */
  readonly source?: string;
  /** Vaults and services from which it was concluded, besides that of its source and its own. */
  readonly dependsOn?: readonly string[];
}

/** A check: what it finds in all that is known. */
export type Check = (view: AuditView) => readonly Found[];

/** Code and message and cure of what is found, and what else is known of it. */
type Said = Omit<Found, 'about' | 'resourceId' | 'source'>;

/** Some of what is found of a source is found only where it is somewhere. */
export function foundAtSource({ row, source, places }: SeenSource, said: Said): Found {
  return {
    ...{ about: row.id, resourceId: row.resourceId, source: formatSource(source) },
    dependsOn: servicesOf(places),
    ...said,
  };
}

function servicesOf(places: readonly SeenPlace[]): readonly string[] {
  return [...new Set(places.map(({ service }) => service.name))];
}

/** What is found of a certificate that nothing uses is of middling weight at most. */
export function foundAtPlace({ row, source }: SeenPlace, said: Said): Found {
  const severity = said.severity ?? FINDING_KINDS[said.code].severity;
  return {
    ...{ about: row.id, resourceId: row.resourceId },
    ...(source && { source: formatSource(source) }),
    ...said,
    severity: row.uses?.verdict === 'unused' ? milderOf(severity, 'medium') : severity,
  };
}

/**
 * How grave it is that a place does not get its source's current version, and when it will hurt: the
 * nearer the end of what it holds, the graver.
 */
export function gravityOf(
  code: FindingCode,
  expiresAt: string | undefined,
  { completedAt, settings }: AuditFacts,
): { readonly severity: Severity; readonly dueAt?: string } {
  const step = expiryCode(expiresAt, completedAt, settings);
  const usual = FINDING_KINDS[code].severity;
  return {
    severity: step === undefined ? usual : graverOf(usual, FINDING_KINDS[step].severity),
    ...(expiresAt === undefined ? {} : { dueAt: expiresAt }),
  };
}

const LONGEST_TEXT = 4_000;

/**
 * What is found twice, since two ways led to it, is told once: the gravest, then the one whose text
 * sorts first, so that it is the same in whatever order it was found. It depends on what either way
 * does, and on what it depended on before and is out of sight.
 *
 * @param unread names of the vaults and services that were not read whole
 */
export function toFindings(
  found: readonly Found[],
  { completedAt, previous }: AuditFacts,
  unread: ReadonlySet<string>,
  digest: Digest,
): Map<string, { readonly finding: AuditFinding; readonly source?: string }> {
  const before = new Map(previous?.findings.map((one) => [one.id, one]));
  const findings = new Map<string, { finding: AuditFinding; source?: string }>();
  for (const { key, source, severity, dependsOn = [], ...said } of found) {
    const id = toFindingId(said.code, said.about, key, digest);
    const earlier = before.get(id);
    const known = findings.get(id);
    const parts = toDependsOn(said.about, [
      ...(source === undefined ? [] : [partOf(source)]),
      ...dependsOn,
      ...(known?.finding.dependsOn ?? stillUnread(earlier?.dependsOn, unread)),
    ]);
    const depends = parts === undefined ? {} : { dependsOn: parts };
    const finding: AuditFinding = {
      id,
      ...said,
      // Ids are told as they are, and hold what their service allows.
      message: toPlainText(said.message, LONGEST_TEXT),
      cure: toPlainText(said.cure, LONGEST_TEXT),
      severity: severity ?? FINDING_KINDS[said.code].severity,
      since: earlier?.since ?? completedAt,
      ...depends,
    };
    if (known !== undefined && textOf(known.finding) <= textOf(finding)) {
      findings.set(id, { ...known, finding: { ...known.finding, ...depends } });
      continue;
    }
    findings.set(id, { finding, ...(source === undefined ? {} : { source }) });
  }
  return findings;
}

/** The same in every report as long as it is about the same; short enough to be typed. */
function toFindingId(
  code: FindingCode,
  about: string,
  key: string | undefined,
  digest: Digest,
): string {
  const family = renewalStage(code) < 0 ? code.toLowerCase().replaceAll('_', '-') : 'renewal';
  const subject = JSON.stringify([family, about.toLowerCase(), key ?? '']);
  return `${family}-${digest(subject).slice(0, 16)}`;
}

function textOf({ severity, message, cure }: AuditFinding): string {
  return [SEVERITIES.indexOf(severity), message, cure].join('\n');
}
