/** A report as a page or two of Markdown: what is wrong, what cures it, what comes next. */
import {
  CURE_GROUPS,
  CURE_GROUP_TITLES,
  FINDING_KINDS,
  type CureGroup,
} from '../domain/audit/finding-kinds.ts';
import { SEVERITIES, type AuditFinding, type Health } from '../domain/audit/audit-report.ts';
import type { ShortReport } from '../domain/audit/audit-ports.ts';
import type { FindingCode } from '../domain/audit/finding-codes.ts';
import { count } from '../domain/audit/wording.ts';
import { escapeMarkdown, toCodeSpan } from './markdown.ts';
import { splitCure } from './split-cure.ts';

const HEALTH_TITLES: Readonly<Record<Health, string>> = {
  'act-now': 'act now',
  attention: 'attention',
  healthy: 'healthy',
};

/** So many findings of a code are told; the rest is in the report itself. */
const MOST_OF_A_CODE = 5;
const MOST_NAMES = 5;

/** In pieces, each of whole lines. What came from outside is escaped. */
export function* toMarkdown(report: ShortReport): Generator<string> {
  const { headline, scope, completedAt, id } = report;
  yield `# Certificates: ${HEALTH_TITLES[headline.health]}\n\n`;
  yield `**${escapeMarkdown(headline.sentence)}**\n\n`;
  yield `Audit ${escapeMarkdown(id)} of ${day(completedAt)}: ${count(headline.certificates, 'certificate')} in ${count(scope.vaults.length, 'vault')} and ${count(scope.services.length, 'service')}.\n`;
  yield* severities(report);
  yield* nextDates(report);
  yield* toDo(report);
  yield* changes(report);
  yield* unread(report);
  yield* acknowledged(report);
}

function* severities({ headline: { findings, acknowledged: known } }: ShortReport) {
  yield '\n| severity | findings |\n| --- | ---: |\n';
  for (const severity of SEVERITIES) yield `| ${severity} | ${String(findings[severity])} |\n`;
  if (known > 0) yield `| acknowledged | ${String(known)} |\n`;
}

function* nextDates({ headline: { nextDates: dates } }: ShortReport) {
  if (dates.length === 0) return;
  yield '\n## The next dates\n\n';
  for (const { at, what, certificates } of dates) {
    const one = certificates.length === 1;
    const verb =
      what === 'expires' ? (one ? 'expires' : 'expire') : `${one ? 'is' : 'are'} removed`;
    yield `- ${day(at)}: ${some(certificates)} ${verb}\n`;
  }
}

/** Grouped by what cures it. */
function* toDo({ findings }: ShortReport) {
  const open = findings.filter((one) => one.acknowledged === undefined);
  for (const group of CURE_GROUPS) {
    const codes = byCode(open, group);
    if (codes.size === 0) continue;
    yield `\n## ${CURE_GROUP_TITLES[group]}\n`;
    for (const [code, found] of codes) yield* ofCode(code, found);
  }
}

function byCode(
  findings: readonly AuditFinding[],
  group: CureGroup,
): ReadonlyMap<FindingCode, readonly AuditFinding[]> {
  const codes = new Map<FindingCode, AuditFinding[]>();
  for (const one of findings) {
    if (FINDING_KINDS[one.code].cure !== group) continue;
    const known = codes.get(one.code);
    if (known === undefined) codes.set(one.code, [one]);
    else known.push(one);
  }
  return codes;
}

function* ofCode(code: FindingCode, found: readonly AuditFinding[]) {
  yield `\n### ${FINDING_KINDS[code].title} (${String(found.length)})\n\n`;
  for (const { severity, message, cure } of found.slice(0, MOST_OF_A_CODE)) {
    yield `- **${severity}** ${escapeMarkdown(message)}<br>${cureIn(cure)}\n`;
  }
  const more = found.length - MOST_OF_A_CODE;
  if (more > 0) yield `- and ${String(more)} more\n`;
}

/** Its commands as code, so that they can be copied. */
function cureIn(cure: string): string {
  return splitCure(cure)
    .map(({ kind, text }) => (kind === 'words' ? escapeMarkdown(text) : toCodeSpan(text)))
    .join('');
}

function* changes({ changes: changed }: ShortReport) {
  if (changed === undefined) return;
  const counts = [
    ['findings appeared', changed.appeared],
    ['findings worsened', changed.worsened],
    ['findings eased', changed.eased],
    ['findings cleared', changed.cleared],
    ['certificates added', changed.certificatesAdded],
    ['certificates removed', changed.certificatesRemoved],
    ['certificates rotated', changed.certificatesRotated],
  ] as const;
  const lines = counts.filter(([, list]) => list.length > 0);
  yield `\n## Since the report of ${day(changed.since.completedAt)}\n\n`;
  if (lines.length === 0) yield 'Nothing has changed.\n';
  for (const [what, list] of lines) yield `- ${what}: ${String(list.length)}\n`;
}

function* unread({ scope }: ShortReport) {
  const parts = [...scope.vaults, ...scope.services].filter((one) => one.unreadable !== undefined);
  if (parts.length === 0) return;
  yield '\n## What could not be read\n\n';
  for (const { name, unreadable } of parts) {
    yield `- ${escapeMarkdown(name)}: ${escapeMarkdown(unreadable?.message ?? '')}\n`;
  }
}

function* acknowledged({ findings }: ShortReport) {
  const known = findings.filter((one) => one.acknowledged !== undefined);
  if (known.length === 0) return;
  yield '\n## Acknowledged\n\n';
  for (const { code, about, acknowledged: by } of known) {
    yield `- ${FINDING_KINDS[code].title}: ${escapeMarkdown(about)}, until ${escapeMarkdown(by?.until ?? '')}: ${escapeMarkdown(by?.reason ?? '')}\n`;
  }
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(escapeMarkdown).join(', ');
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${String(more)} more` : shown;
}

function day(at: string): string {
  return escapeMarkdown(at.slice(0, 10));
}
