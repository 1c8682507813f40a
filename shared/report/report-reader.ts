import { readReportJson } from './report-json.ts';
import type { ReportDigest } from '../domain/audit/audit-facts.ts';
import type { AuditReports, ReportReader } from '../domain/audit/audit-ports.ts';
import { TerminalError } from '../domain/errors.ts';

export function makeReportReader(reports: Pick<AuditReports, 'open'>): ReportReader {
  const read: ReportReader['read'] = async (id, each) => {
    const json = await reports.open(id);
    if (json === undefined) return undefined;
    const report = await readReportJson(json, each);
    if (report === undefined) throw unreadable(id);
    return report;
  };
  return {
    read,
    async digest(id) {
      const certificates: ReportDigest['certificates'][number][] = [];
      const report = await read(id, (one) => {
        const { thumbprint } = one;
        certificates.push({ id: one.id, ...(thumbprint === undefined ? {} : { thumbprint }) });
      });
      if (report === undefined) return undefined;
      const { completedAt, scope, findings } = report;
      return { id: report.id, completedAt, scope, findings, certificates };
    },
  };
}

function unreadable(id: string): TerminalError {
  return new TerminalError({
    code: 'RECORD_UNREADABLE',
    message: `Certkeeper cannot read its own report ${id}: another version wrote it, or it was changed by hand.`,
    resource: id,
    cure: 'Make a new one: POST /api/audits',
  });
}
