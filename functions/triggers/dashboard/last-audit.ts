import type { Acknowledgements, AuditReports } from '../../../shared/domain/audit/audit-ports.ts';
import { acknowledgementOverHttp } from '../../../shared/domain/audit/acknowledgement.ts';
import { SEVERITIES, type AuditFinding } from '../../../shared/domain/audit/audit-report.ts';
import type { AuditSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { readReport } from '../../../shared/report/read-report.ts';
import type { LastAudit } from '../../../shared/report/dashboard/dashboard-view.ts';

export interface LastAuditPorts {
  readonly reports: Pick<AuditReports, 'list' | 'read'>;
  readonly acknowledgements: Pick<Acknowledgements, 'all'>;
}

/** A report of more certificates takes too much memory to be read for the sake of a few lines. */
const LARGEST_READ = 20_000;

/**
 * A reader of the last audit: its headline, and its findings with what was acknowledged since. A
 * report never changes, so each is read once.
 */
export function readLastAudit({ reports, acknowledgements }: LastAuditPorts, now: () => Date) {
  let known: { readonly id: string; readonly findings: readonly AuditFinding[] } | undefined;

  async function findingsOf({ id, headline }: AuditSummary) {
    if (headline.certificates > LARGEST_READ) return undefined;
    if (known?.id === id) return known.findings;
    const findings = await readFindings(reports, id);
    // That it cannot be read now says nothing of what it found.
    if (findings !== undefined) known = { id, findings };
    return findings;
  }

  return async (): Promise<LastAudit> => {
    const summary = await newestOf(reports);
    if (summary === undefined) return { kind: 'none' };
    const [findings, acknowledged] = await Promise.all([
      findingsOf(summary),
      acknowledgements.all(),
    ]);
    if (findings === undefined) return { kind: 'made', summary };
    const all = findings.map((finding): AuditFinding => {
      const since = acknowledgementOverHttp(finding, acknowledged, now().toISOString());
      return since === undefined ? finding : { ...finding, acknowledged: since };
    });
    return { kind: 'made', summary, findings: all.sort(byUrgency) };
  };
}

async function newestOf(reports: LastAuditPorts['reports']): Promise<AuditSummary | undefined> {
  for await (const summary of reports.list()) return summary;
  return undefined;
}

async function readFindings(
  reports: LastAuditPorts['reports'],
  id: string,
): Promise<readonly AuditFinding[] | undefined> {
  const json = await reports.read(id, 'json');
  return json === undefined ? undefined : readReport(json)?.findings;
}

function byUrgency(a: AuditFinding, b: AuditFinding): number {
  const rank = ({ acknowledged, severity }: AuditFinding): number =>
    (acknowledged === undefined ? 0 : SEVERITIES.length) + SEVERITIES.indexOf(severity);
  return rank(a) - rank(b);
}
