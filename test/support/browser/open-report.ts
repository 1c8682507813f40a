import type { BrowserContextOptions, Page } from 'playwright-core';
import { makeShowAuditRoute } from '../../../functions/triggers/audit/audit-routes.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { renderReport } from '../../../shared/report/render-report.ts';
import { askRoute } from '../ask-route.ts';
import { makeMemoryAudits } from '../memory-audits.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { renderReportPage, reportPolicy } from '../../../shared/report/html/render-report-page.ts';
import { openPage } from './open-browser.ts';

/** Where the page is read from; nobody is there but the test. */
export const REPORT_ADDRESS = 'https://certkeeper.test/api/audits/latest';

/** A report's page as it stands in the browser. */
export interface OpenReport {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Whatever the page asked for besides itself. */
  readonly requests: readonly string[];
}

/**
 * Opens the page of a report as the app sends it, header and all, and waits for its script where
 * scripts run.
 *
 * @param change makes another page of it, as somebody would who means harm
 * @param asFile without the header, as a page is that was saved or mailed
 */
export async function openReport(
  report: AuditReport,
  {
    hash = '',
    query = '',
    change = (html) => html,
    asFile = false,
    ...options
  }: BrowserContextOptions & {
    hash?: string;
    query?: string;
    change?: (html: string) => string;
    asFile?: boolean;
  } = {},
): Promise<OpenReport> {
  const { page, complaints } = await openPage(options);
  const html = await renderReportPage(report);
  const requests: string[] = [];
  const forms = makeShowAuditRoute({
    reports: {
      ...makeMemoryAudits([report]).reports,
      find: async () => toSummary(report),
      read: async (_, form) => Buffer.from([...(await renderReport(report, form))].join('')),
    },
  });
  await page.route('**/*', async (route) => {
    const url = route.request().url();
    if (url === REPORT_ADDRESS + query) {
      await route.fulfill({
        contentType: 'text/html; charset=utf-8',
        headers: asFile ? {} : { 'content-security-policy': reportPolicy(html) },
        body: change(html),
      });
    } else {
      const { pathname, search } = new URL(url);
      if (search.startsWith('?format=')) {
        const name = pathname.slice('/api/audits/'.length);
        const { headers, text = '' } = await askRoute(forms, `/audits/${name}${search}`, {
          params: { id: name },
        });
        await route.fulfill({ headers: Object.fromEntries(headers), body: text });
        return;
      }
      requests.push(url);
      await route.abort();
    }
  });
  await page.goto(REPORT_ADDRESS + query + hash);
  if (options.javaScriptEnabled !== false) {
    await page.locator('html[data-live]').waitFor({ state: 'attached' });
  }
  return { page, complaints, requests };
}

/** The ids that the table shows, in its order. */
export async function namesIn(page: Page): Promise<readonly string[]> {
  return await page.locator('tr.certificate th .name').allInnerTexts();
}
