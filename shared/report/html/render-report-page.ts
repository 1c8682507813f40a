import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { AuditReport } from '../../domain/audit/audit-report.ts';
import script from '../../pages/client/report.client.ts?inline';
import { asHeader, contentPolicy } from '../../pages/content-policy.ts';
import { html, inlineElement } from '../../pages/html.ts';
import { certificatesSection } from './certificates-section.ts';
import { changesSection } from './changes-section.ts';
import { appLinks, formLinks } from './elsewhere.ts';
import { acknowledgedSection, findingsSection } from './findings-section.ts';
import { toDay, toDayAndTime } from './format.ts';
import { headlineSection } from './headline-section.ts';
import { openBook, toPageData, type PageData } from './page-data.ts';
import style from './report.css?inline';
import { scopeSection } from './scope-section.ts';
import { timelineSection } from './timeline-section.ts';
import { toolbar } from './toolbar.ts';
import { toName } from './words.ts';

const POLICY = contentPolicy({ script, style });

/**
 * A report as one HTML page that needs nothing else: no network, no server. It can be read without a
 * script; with its own it can be searched, filtered and sorted.
 */
export async function renderReportPage(report: AuditReport): Promise<string> {
  const data = toPageData(report);
  const book = openBook(data);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>Certificates, ${toDay(report.completedAt)} – Certkeeper</title>
        <link rel="icon" href="data:," />
        ${inlineElement('style', style)}
      </head>
      <body>
        <a class="skip" href="#findings">Skip to the findings</a>
        <header class="page-head">
          <h1>Certkeeper <span class="quiet">Certificate report</span></h1>
          ${appLinks()}
          <button type="button" class="button button-small theme live"></button>
        </header>
        <main class="page-body">
          ${headlineSection(report, book)} ${changesSection(report.changes, book)}
          ${await timelineSection(data.rows, report.completedAt)} ${toolbar(data)}
          ${findingsSection(book)} ${certificatesSection(book)} ${acknowledgedSection(book)}
          ${scopeSection(report.scope)}
        </main>
        <footer class="page-foot quiet">
          Report ${report.id}, asked for by ${toName(report.requestedBy)},
          ${toDayAndTime(report.completedAt)} ${formLinks(report.id)}
        </footer>
        <p id="said" class="visually-hidden" role="status"></p>
        <script type="application/octet-stream" id="data">
          ${await pack(data)}
        </script>
        ${inlineElement('script', script)}
      </body>
    </html> `;
  return page.text;
}

/** The Content-Security-Policy to send with a page, as the page itself has it. */
export function reportPolicy(page: string): string {
  const [, written] =
    /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  if (written === undefined) throw new TypeError('The page has no policy.');
  return asHeader(written.replaceAll('&#39;', "'"));
}

/** What the script reads: ten thousand certificates are ten megabytes of JSON, and one packed. */
async function pack(data: PageData): Promise<string> {
  return (await promisify(gzip)(JSON.stringify(data))).toString('base64');
}
