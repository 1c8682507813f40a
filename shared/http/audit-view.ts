/** Audits as the HTTP API lists them, and how their reports are asked for. */
import * as z from 'zod';
import { limitSchema } from './pages.ts';
import { requestedBySchema } from '../contracts/schemas.ts';
import { REPORT_FORMS, type ReportForm } from '../domain/audit/audit-ports.ts';
import { HEALTHS } from '../domain/audit/audit-report.ts';
import type { AuditSummary } from '../domain/audit/audit-summary.ts';

const time = z.iso.datetime().describe('ISO 8601, UTC');
const count = z.int().min(0);
const AUDIT_ID = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;
const NO_ID = { error: 'must be the id of an audit, as GET /api/audits lists them' };

export const auditIdSchema = z
  .string()
  .regex(AUDIT_ID, NO_ID)
  .meta({ example: '20261128T020000Z-3f9c1a' });

/** The id of an audit, or `latest`. */
export const auditNameSchema = z
  .string()
  .refine((text) => text === 'latest' || AUDIT_ID.test(text), NO_ID)
  .meta({ description: 'The id of an audit, or `latest`', example: 'latest' });

export const auditSummarySchema = z
  .object({
    id: auditIdSchema,
    startedAt: time,
    completedAt: time,
    requestedBy: requestedBySchema,
    vaults: count.describe('How many were looked at'),
    services: count,
    headline: z.object({
      health: z.enum(HEALTHS),
      sentence: z.string().describe('For somebody who reads nothing else'),
      certificates: count,
      findings: z
        .object({ critical: count, high: count, medium: count, low: count })
        .describe('Without those that are acknowledged'),
      acknowledged: count,
      nextDates: z
        .array(
          z.object({
            at: time,
            what: z.enum(['expires', 'removed']),
            certificates: count.describe('How many it happens to'),
          }),
        )
        .readonly()
        .describe('The next dates on which something expires or is removed: at most three'),
    }),
    report: z.string().describe('Address of the report'),
  })
  .meta({ id: 'AuditSummary' });

export const auditPageSchema = z
  .object({
    audits: z.array(auditSummarySchema).readonly(),
    next: z.string().exactOptional().describe('Address of the next page, if there is more'),
  })
  .meta({ id: 'AuditPage' });

export const AUDIT_LIMIT = { usual: 30, most: 200 } as const;

export const auditListQuerySchema = z.object({
  limit: limitSchema(AUDIT_LIMIT),
  cursor: z
    .string()
    .regex(AUDIT_ID, { error: 'must be taken from the next address of the page before' })
    .exactOptional()
    .describe('Where the page before ended; taken from its `next`'),
});

export const reportQuerySchema = z.object({
  format: z
    .enum(REPORT_FORMS, { error: `must be one of ${REPORT_FORMS.join(', ')}` })
    .exactOptional()
    .describe(
      'In place of `Accept`, for a browser. `csv` is one line a certificate, `findings-csv` one a finding',
    ),
  compare: z
    .string()
    .regex(AUDIT_ID, NO_ID)
    .exactOptional()
    .describe(
      'The id of an earlier audit: what changed is told since that one. As a page, of 20,000 certificates at most',
    ),
});

/** What a form is called on the wire. */
export const REPORT_TYPES = {
  json: 'application/json',
  csv: 'text/csv',
  'findings-csv': 'text/csv',
  md: 'text/markdown',
  html: 'text/html',
} as const satisfies Record<ReportForm, string>;

export function toAuditView(summary: AuditSummary): z.infer<typeof auditSummarySchema> {
  const { headline, ...rest } = summary;
  return {
    ...rest,
    headline: { ...headline, nextDates: [...headline.nextDates] },
    report: `/api/audits/${summary.id}`,
  };
}
