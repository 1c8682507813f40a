import { reportSchema } from './report-schema.ts';
import type { AuditReport } from '../domain/audit/audit-report.ts';

/**
 * Reads a report as it is kept.
 * @param json UTF-8
 * @returns undefined for what is no report, or of a version that is not known here
 */
export function readReport(json: Uint8Array): AuditReport | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(Buffer.from(json).toString())).data;
  } catch {
    return undefined;
  }
}
