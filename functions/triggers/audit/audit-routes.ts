import * as z from 'zod';
import { comparedForm } from './compared-form.ts';
import { noSuchAudit, storedForm } from './stored-form.ts';
import type { AuditReports, ReportForm } from '../../../shared/domain/audit/audit-ports.ts';
import type { AuditSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { chooseMediaType } from '../../../shared/http/accept.ts';
import {
  AUDIT_LIMIT,
  auditListQuerySchema,
  auditNameSchema,
  auditPageSchema,
  REPORT_TYPES,
  reportQuerySchema,
  toAuditView,
} from '../../../shared/http/audit-view.ts';
import { takePage } from '../../../shared/http/pages.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { reportPolicy } from '../../../shared/report/html/render-report-page.ts';
import { reportSchema } from '../../../shared/report/report-schema.ts';

export interface AuditRoutePorts {
  readonly reports: Pick<AuditReports, 'find' | 'list' | 'open' | 'read'>;
}

/** `GET /api/audits`: the audits whose reports are kept, the newest first, page by page. */
export function makeListAuditsRoute({ reports }: AuditRoutePorts): Route {
  return defineRoute({
    name: 'ListAudits',
    method: 'GET',
    path: 'audits',
    role: 'Certkeeper.Read',
    summary: 'The audits that were made, each in a line',
    description: 'The newest first, page by page, for as long as CERTKEEPER_AUDIT_KEEP.',
    query: auditListQuerySchema,
    answers: {
      200: {
        description: 'A page of the list',
        schema: auditPageSchema,
        headers: { link: 'The address of the next page, if there is more' },
      },
    },
    problems: [],
    handle: async ({ query: { cursor, limit = AUDIT_LIMIT.usual }, request }) => {
      const { items, headers, next } = await takePage(reports.list(cursor), {
        ...{ path: '/api/audits', url: request.url, limit },
        passes: () => true,
        cursorOf: ({ id }) => id,
      });
      return { status: 200, headers, jsonBody: { audits: items.map(toAuditView), ...next } };
    },
  });
}

/** In the order in which they are preferred. `findings-csv` has to be asked for by name. */
const OFFERED = ['json', 'html', 'csv', 'md'] as const satisfies readonly ReportForm[];

/**
 * `GET /api/audits/{id}` and `/api/audits/latest`: the report of an audit, as it was made. With
 * `compare` what changed is told since an earlier one.
 */
export function makeShowAuditRoute({ reports }: AuditRoutePorts): Route {
  return defineRoute({
    name: 'ShowAudit',
    method: 'GET',
    path: 'audits/{id}',
    role: 'Certkeeper.Read',
    summary: 'The report of an audit',
    description:
      'As JSON, as CSV, as a summary in Markdown or as a page, by `Accept` or by `format`. A report ' +
      'stays as it was made: what is acknowledged later counts from the next audit on.',
    params: z.object({ id: auditNameSchema }),
    query: reportQuerySchema,
    answers: {
      200: {
        description: 'The report',
        schema: reportSchema,
        contentTypes: ['text/csv', 'text/markdown', 'text/html'],
        headers: { 'content-disposition': 'A name for the file, of a CSV' },
      },
    },
    problems: ['NOT_FOUND'],
    handle: async ({ params, query, request }) => {
      const audit = await findAudit(reports, params.id);
      const { id } = audit;
      const form = query.format ?? chooseForm(request.headers.get('accept'));
      const body =
        query.compare === undefined
          ? await storedForm(reports, id, form)
          : await comparedForm(reports, audit, { form, since: query.compare });
      return { status: 200, headers: headersOf(form, id, body), body };
    },
  });
}

function chooseForm(accept: string | null): ReportForm {
  const [first, ...others] = OFFERED;
  const type = chooseMediaType(accept, [
    REPORT_TYPES[first],
    ...others.map((form) => REPORT_TYPES[form]),
  ]);
  return OFFERED.find((form) => REPORT_TYPES[form] === type) ?? first;
}

function headersOf(
  form: ReportForm,
  id: string,
  body: Uint8Array,
): Readonly<Record<string, string>> {
  const type = REPORT_TYPES[form];
  return {
    vary: 'accept',
    'content-type': form === 'json' ? type : `${type}; charset=utf-8`,
    ...(form === 'html' ? { 'content-security-policy': policyOf(body) } : {}),
    ...(type === 'text/csv'
      ? {
          'content-disposition': `attachment; filename="${form === 'csv' ? 'certificates' : 'findings'}-${id}.csv"`,
        }
      : {}),
  };
}

/** A page says by itself what it may do, near its beginning: run its own script, and ask nobody. */
function policyOf(page: Uint8Array): string {
  return reportPolicy(Buffer.from(page.subarray(0, PAGE_HEAD)).toString());
}

const PAGE_HEAD = 8_192;

async function findAudit(reports: AuditRoutePorts['reports'], name: string): Promise<AuditSummary> {
  if (name !== 'latest') {
    const summary = await reports.find(name);
    if (summary === undefined) throw noSuchAudit(name);
    return summary;
  }
  for await (const summary of reports.list()) return summary;
  throw new TerminalError({
    code: 'NOT_FOUND',
    message: 'No audit has been made yet.',
    cure: 'Start one: POST /api/audits, or certkeeper audit',
  });
}
