/** What the last audit says, and the findings that somebody has to deal with. */
import type { LastAudit, Reader } from './dashboard-view.ts';
import { ago, cureText } from './words.ts';
import { countOf, toDay, toDayAndTime } from '../html/format.ts';
import { severityBadge } from '../html/words.ts';
import { SEVERITIES, type AuditFinding, type Health } from '../../domain/audit/audit-report.ts';
import type { AuditSummary } from '../../domain/audit/audit-summary.ts';
import { html, type Html } from '../../pages/html.ts';

/** More than somebody deals with at once; the report has the rest. */
const FINDINGS_SHOWN = 10;

export const HEALTH_WORDS: Readonly<Record<Health, string>> = {
  healthy: 'Healthy',
  attention: 'Attention',
  'act-now': 'Act now',
};

/** @param key the function key that stands in the page's address: links have to take it along */
export function auditPart(audit: LastAudit, reader: Reader, key?: string): Html {
  return html`<section id="audit" aria-labelledby="audit-title" data-keyed>
    <h2 id="audit-title">Last audit</h2>
    ${audit.kind === 'made' ? headline(audit.summary) : html`<p id="audit-none">${WHY[audit.kind]}</p>`}
    <p id="audit-acts" class="acts">
      ${
        audit.kind === 'made' &&
        html`<a class="button" href="${toReport('latest', key)}" data-report>Read the report</a>`
      }
      ${
        reader.maySync &&
        html`<button type="button" id="audit-now" class="button" data-act="audit" disabled>
          Audit now
        </button>`
      }
    </p>
    ${audit.kind === 'made' && audit.findings !== undefined && findings(audit.findings, reader)}
    ${audit.kind === 'made' && audit.earlier.length > 0 && earlierReports(audit.earlier, key)}
  </section>`;
}

function earlierReports(earlier: readonly AuditSummary[], key: string | undefined): Html {
  // A link to the list, not to what holds it, opens it.
  return html`<details id="earlier-reports">
    <summary>Earlier reports</summary>
    <ul id="earlier">
      ${earlier.map(
        ({ id, completedAt, headline: { health, findings: by } }) =>
          html`<li>
            <a href="${toReport(id, key)}" data-report>${toDayAndTime(completedAt)}</a>
            <span class="badge ${health}">${HEALTH_WORDS[health]}</span>
            <span class="quiet">${sayFindings(by)}</span>
          </li>`,
      )}
    </ul>
  </details>`;
}

function toReport(id: string, key: string | undefined): string {
  const query = key === undefined ? '' : `?${new URLSearchParams({ code: key }).toString()}`;
  return `/api/audits/${encodeURIComponent(id)}${query}`;
}

function sayFindings(by: AuditSummary['headline']['findings']): string {
  const found = SEVERITIES.filter((severity) => by[severity] > 0);
  if (found.length === 0) return 'no findings';
  return found.map((severity) => `${by[severity].toLocaleString('en-US')} ${severity}`).join(', ');
}

const WHY = {
  none: 'No audit has been made yet. An audit looks at every certificate of every vault and service, and changes nothing.',
  unknown: 'The last audit could not be read just now.',
} as const;

function headline({
  headline: { health, sentence, findings: by, nextDates, ...rest },
  completedAt,
}: AuditSummary): Html {
  const found = SEVERITIES.filter((severity) => by[severity] > 0);
  return html`<div id="headline" class="headline ${health}">
    <p class="health"><span class="badge ${health}">${HEALTH_WORDS[health]}</span> ${sentence}</p>
    <ul class="figures">
      <li>
        <strong>${rest.certificates.toLocaleString('en-US')}</strong> certificates, counted at every
        place
      </li>
      ${found.map(
        (severity) =>
          html`<li class="${severity}">
            <strong>${by[severity].toLocaleString('en-US')}</strong> ${severity}
          </li>`,
      )}
      ${rest.acknowledged > 0 && html`<li><strong>${rest.acknowledged}</strong> acknowledged</li>`}
    </ul>
    ${
      nextDates.length > 0 &&
      html`<p class="quiet">
        Next:
        ${nextDates
          .map(
            ({ at, what, certificates }) =>
              `${toDay(at)}, ${countOf(certificates, 'certificate')} ${what === 'removed' ? 'removed' : certificates === 1 ? 'expires' : 'expire'}`,
          )
          .join('; ')}.
      </p>`
    }
    <p class="quiet">Made ${ago(completedAt)}</p>
  </div>`;
}

function findings(all: readonly AuditFinding[], reader: Reader): Html {
  const shown = all.slice(0, FINDINGS_SHOWN);
  if (shown.length === 0) return html`<p id="findings-none">It found nothing.</p>`;
  const more = all.length - shown.length;
  return html`<details id="findings">
    <summary>${countOf(all.length, 'finding')}</summary>
    <ul>
      ${shown.map((one) => finding(one, reader))}
    </ul>
    ${more > 0 && html`<p class="quiet">And ${more.toLocaleString('en-US')} more, in the report.</p>`}
  </details>`;
}

function finding(one: AuditFinding, reader: Reader): Html {
  const { id, severity, about, message, cure, dueAt, acknowledged } = one;
  return html`<li id="finding-${id}">
    <p>
      ${severityBadge(severity)} <strong>${about}</strong> ${message}
      ${dueAt !== undefined && html`<span class="quiet">due ${toDay(dueAt)}</span>`}
    </p>
    <p>${cureText(cure)}</p>
    ${
      acknowledged !== undefined
        ? html`<p class="quiet">
            Acknowledged until ${toDay(acknowledged.until)}: ${acknowledged.reason}
          </p>`
        : reader.mayManage &&
          html`<button
            type="button"
            class="button button-small"
            id="acknowledge-${id}"
            data-act="acknowledge"
            data-finding="${id}"
            data-about="${about}: ${message}"
            disabled
          >
            Acknowledge
          </button>`
    }
  </li>`;
}
