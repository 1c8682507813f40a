import type { Acknowledgements, AuditReports } from '../../../shared/domain/audit/audit-ports.ts';
import { acknowledgementOverHttp } from '../../../shared/domain/audit/acknowledgement.ts';
import {
  SEVERITIES,
  type Acknowledgement,
  type AuditFinding,
} from '../../../shared/domain/audit/audit-report.ts';
import type { AuditSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { judge } from '../../../shared/domain/audit/headline.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { makeReportReader } from '../../../shared/report/report-reader.ts';
import type { LastAudit } from '../../../shared/report/dashboard/dashboard-view.ts';

export interface LastAuditPorts {
  readonly reports: Pick<AuditReports, 'list' | 'open'>;
  readonly acknowledgements: Pick<Acknowledgements, 'all'>;
}

/** More findings than that are nothing to look through on a dashboard; the report has them. */
const MOST_FINDINGS = 20_000;

/** Two weeks of daily ones; the API lists them all. */
const MOST_EARLIER = 14;

/**
 * A reader of the last audit: its headline, and its findings with what was acknowledged since. A
 * report never changes, so each is read once.
 */
export function readLastAudit({ reports, acknowledgements }: LastAuditPorts, now: () => Date) {
  let known: { readonly id: string; readonly findings: readonly AuditFinding[] } | undefined;

  async function findingsOf({ id, headline }: AuditSummary) {
    if (countOf(headline) > MOST_FINDINGS) return undefined;
    if (known?.id === id) return known.findings;
    const findings = await readFindings(reports, id);
    // That it cannot be read now says nothing of what it found.
    if (findings !== undefined) known = { id, findings };
    return findings;
  }

  return async (): Promise<LastAudit> => {
    const [summary, ...earlier] = await newestOf(reports, 1 + MOST_EARLIER);
    if (summary === undefined) return { kind: 'none' };
    const [findings, acknowledged] = await Promise.all([
      findingsOf(summary),
      acknowledgements.all(),
    ]);
    if (findings === undefined) return { kind: 'made', summary, earlier };
    const at = now().toISOString();
    const all = findings.map((finding) => asOfNow(finding, acknowledged, at));
    return {
      kind: 'made',
      summary: all.every((one, index) => isOpen(one) === isOpen(findings[index]))
        ? summary
        : recount(summary, all),
      findings: all.toSorted(byUrgency),
      earlier,
    };
  };
}

/** With the acknowledgement that it has now: one over HTTP may have come or gone since the report. */
function asOfNow(
  finding: AuditFinding,
  acknowledged: ReadonlyMap<string, Acknowledgement>,
  at: string,
): AuditFinding {
  const { acknowledged: then, ...bare } = finding;
  const now = acknowledgementOverHttp(finding, acknowledged, at);
  const holds = now ?? (then?.from === 'tag' ? then : undefined);
  return holds === undefined ? bare : { ...bare, acknowledged: holds };
}

function isOpen(finding: AuditFinding | undefined): boolean {
  return finding?.acknowledged === undefined;
}

/** The headline as it would be, had what is acknowledged since been known to the audit. */
function recount(summary: AuditSummary, findings: readonly AuditFinding[]): AuditSummary {
  const { headline, completedAt: at } = summary;
  const { certificates } = headline;
  return { ...summary, headline: { ...headline, ...judge(findings, { certificates, at }) } };
}

async function newestOf(
  reports: LastAuditPorts['reports'],
  most: number,
): Promise<readonly AuditSummary[]> {
  const found: AuditSummary[] = [];
  for await (const summary of reports.list()) {
    if (found.push(summary) === most) break;
  }
  return found;
}

async function readFindings(
  reports: LastAuditPorts['reports'],
  id: string,
): Promise<readonly AuditFinding[] | undefined> {
  try {
    return (await makeReportReader(reports).read(id))?.findings;
  } catch (error) {
    if (error instanceof TerminalError) return undefined;
    throw error;
  }
}

function countOf({ findings, acknowledged }: AuditSummary['headline']): number {
  return SEVERITIES.reduce((sum, severity) => sum + findings[severity], acknowledged);
}

function byUrgency(a: AuditFinding, b: AuditFinding): number {
  const rank = ({ acknowledged, severity }: AuditFinding): number =>
    (acknowledged === undefined ? 0 : SEVERITIES.length) + SEVERITIES.indexOf(severity);
  return rank(a) - rank(b);
}
