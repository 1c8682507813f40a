/**
 * What a report leads to in the app that it was read from. The page is a file too, saved or mailed, and
 * there these links would lead nowhere: they show once the script has seen that the app sent the page.
 */
import { REPORT_FORMS, type ReportForm } from '../../domain/audit/audit-ports.ts';
import { html, type Html } from '../../pages/html.ts';

/** To the dashboard, and to the reports that were made before. */
export function appLinks(): Html {
  return html`<nav class="in-app" aria-label="Certkeeper" hidden>
    <a href="/api/dashboard">Dashboard</a> <a href="/api/dashboard#earlier">Earlier reports</a>
  </nav>`;
}

/** To the same report in other forms. */
export function formLinks(id: string): Html {
  const forms = REPORT_FORMS.filter((form) => form !== 'html');
  return html`<nav class="in-app" aria-label="Other forms of this report" hidden>
    <span>As</span>
    ${forms.map(
      (form) =>
        html`<a href="/api/audits/${encodeURIComponent(id)}?format=${form}"
          >${FORM_WORDS[form]}</a
        > `,
    )}
  </nav>`;
}

const FORM_WORDS: Readonly<Record<Exclude<ReportForm, 'html'>, string>> = {
  json: 'JSON',
  csv: 'CSV of certificates',
  'findings-csv': 'CSV of findings',
  md: 'Markdown',
};
