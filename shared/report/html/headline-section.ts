import {
  SEVERITIES,
  type AuditReport,
  type Health,
  type NextDate,
} from '../../domain/audit/audit-report.ts';
import { html, type Html } from '../../pages/html.ts';
import { certificateLink } from './certificate-name.ts';
import { countOf, toCount, toDayAndTime } from './format.ts';
import type { Book } from './page-data.ts';
import { dayHtml, SEVERITY_WORDS } from './words.ts';

const HEALTH_WORDS: Readonly<Record<Health, string>> = {
  'act-now': 'Act now',
  attention: 'Needs attention',
  healthy: 'Healthy',
};
const MOST_NAMES = 3;

/** What somebody understands who reads nothing else. */
export function headlineSection({ headline, completedAt }: AuditReport, book: Book): Html {
  const { health, sentence, certificates, findings, acknowledged, nextDates } = headline;
  return html`<section class="panel headline ${health}" aria-labelledby="health">
    <div class="verdict">
      <h2 id="health">${HEALTH_WORDS[health]}</h2>
      <p class="sentence">${sentence}</p>
      <p class="quiet">As of <time datetime="${completedAt}">${toDayAndTime(completedAt)}</time></p>
    </div>
    <dl class="counts">
      ${count('Certificates', certificates)}
      ${SEVERITIES.map((severity) => count(SEVERITY_WORDS[severity], findings[severity], severity))}
      ${count('Acknowledged', acknowledged)}
    </dl>
    <div class="next-dates">
      <h3>Next dates</h3>
      ${
        nextDates.length === 0
          ? html`<p class="quiet">Nothing expires and nothing is to be removed.</p>`
          : html`<ol>
              ${nextDates.map((next) => nextDate(next, book))}
            </ol>`
      }
    </div>
  </section>`;
}

function count(title: string, number: number, severity?: string): Html {
  return html`<div class="count ${number > 0 && severity}">
    <dt>${title}</dt>
    <dd class="number">${toCount(number)}</dd>
  </div>`;
}

function nextDate({ at, what, certificates }: NextDate, book: Book): Html {
  const one = certificates.length === 1;
  const verb =
    what === 'expires' ? (one ? 'expires' : 'expire') : one ? 'is removed' : 'are removed';
  const more = certificates.length - MOST_NAMES;
  return html`<li>
    <p>${dayHtml(book.at, at)} · ${countOf(certificates.length, 'certificate')} ${verb}</p>
    <p class="name">
      ${certificates
        .slice(0, MOST_NAMES)
        .map(
          (id, index) => html`${index > 0 && ', '}${certificateLink(id, book)}`,
        )}${more > 0 && ` and ${toCount(more)} more`}
    </p>
  </li>`;
}
