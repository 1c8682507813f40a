/** What the last audit says, and the findings that somebody has to deal with. */
import type { LastAudit, Reader } from './dashboard-view.ts';
import { ago, cureText } from './words.ts';
import { countOf, toDay } from '../html/format.ts';
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

export function auditPart(audit: LastAudit, reader: Reader): Html {
  return html`<section id="audit" aria-labelledby="audit-title" data-keyed>
    <h2 id="audit-title">Last audit</h2>
    ${audit.kind === 'made' ? headline(audit.summary) : html`<p id="audit-none">${WHY[audit.kind]}</p>`}
    <p id="audit-acts" class="acts">
      ${
        audit.kind === 'made' &&
        html`<a class="button" href="/api/audits/latest" data-report="/api/audits/latest"
          >Read the report</a
        >`
      }
      ${
        reader.maySync &&
        html`<button type="button" id="audit-now" class="button" data-act="audit" disabled>
          Audit now
        </button>`
      }
    </p>
    ${audit.kind === 'made' && audit.findings !== undefined && findings(audit.findings, reader)}
  </section>`;
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
        <strong>${rest.certificates.toLocaleString('en-US')}</strong> certificates at all places
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
        : reader.mayAcknowledge &&
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
