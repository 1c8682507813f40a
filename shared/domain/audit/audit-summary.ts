import type { AuditReport, Headline, NextDate } from './audit-report.ts';
import type { RequestedBy } from '../requested-by.ts';

/** What a list of audits says of each: enough to see how things went, in a row of a table. */
export interface AuditSummary {
  readonly id: string;
  readonly startedAt: string;
  readonly completedAt: string;
  readonly requestedBy: RequestedBy;
  readonly vaults: number;
  readonly services: number;
  readonly headline: SummaryHeadline;
}

/** A headline that counts certificates where the report names them. */
export interface SummaryHeadline extends Omit<Headline, 'nextDates'> {
  readonly nextDates: readonly (Omit<NextDate, 'certificates'> & {
    readonly certificates: number;
  })[];
}

export function toSummary(report: AuditReport): AuditSummary {
  const { id, startedAt, completedAt, requestedBy, scope, headline } = report;
  return {
    ...{ id, startedAt, completedAt, requestedBy },
    vaults: scope.vaults.length,
    services: scope.services.length,
    headline: {
      ...headline,
      nextDates: headline.nextDates.map(({ certificates, ...date }) => ({
        ...date,
        certificates: certificates.length,
      })),
    },
  };
}
