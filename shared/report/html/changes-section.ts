import type { ReportChanges } from '../../domain/audit/audit-report.ts';
import { FINDING_KINDS } from '../../domain/audit/finding-kinds.ts';
import { html, type Html, type HtmlPart } from '../../pages/html.ts';
import { certificateLink } from './certificate-name.ts';
import { countOf, toCount, toDayAndTime } from './format.ts';
import type { Book } from './page-data.ts';
import { severityBadge } from './words.ts';

const MOST_ITEMS = 50;

/** What is other than in the report before. */
export function changesSection(changes: ReportChanges | undefined, book: Book): Html {
  return html`<section class="panel" aria-labelledby="changes">
    <div class="panel-head">
      <h2 id="changes">What changed</h2>
      ${changes && html`<span class="quiet">since ${toDayAndTime(changes.since.completedAt)}</span>`}
    </div>
    ${
      changes === undefined
        ? html`<p class="empty">This is the first report: there is none to compare it with.</p>`
        : changesList(changes, book)
    }
  </section>`;
}

function changesList(changes: ReportChanges, book: Book): Html {
  const findings = new Map(book.findings.map((finding) => [finding.id, finding]));
  const finding = (id: string): HtmlPart => {
    const known = findings.get(id);
    if (known === undefined) return id;
    return html`${severityBadge(known.severity)}
      <a href="#${encodeURIComponent(id)}">${FINDING_KINDS[known.code].title}</a>: ${known.about}`;
  };
  const certificate = (id: string): Html => certificateLink(id, book);
  const parts = [
    part(['finding appeared', 'findings appeared'], changes.appeared, finding),
    part(['finding got worse', 'findings got worse'], changes.worsened, finding),
    part(['finding got milder', 'findings got milder'], changes.eased, finding),
    part(
      ['finding cleared', 'findings cleared'],
      changes.cleared,
      ({ code, about }) => `${FINDING_KINDS[code].title}: ${about}`,
    ),
    part(['certificate rotated', 'certificates rotated'], changes.certificatesRotated, certificate),
    part(['certificate is new', 'certificates are new'], changes.certificatesAdded, certificate),
    part(
      ['certificate is gone', 'certificates are gone'],
      changes.certificatesRemoved,
      certificate,
    ),
  ].filter((one) => one !== undefined);
  return parts.length === 0
    ? html`<p class="empty">Nothing changed.</p>`
    : html`<div class="changes">${parts}</div>`;
}

function part<T>(
  [one, several]: readonly [string, string],
  items: readonly T[],
  show: (item: T) => HtmlPart,
): Html | undefined {
  if (items.length === 0) return undefined;
  const left = items.length - MOST_ITEMS;
  return html`<details class="change">
    <summary>${countOf(items.length, one, several)}</summary>
    <ul>
      ${items.slice(0, MOST_ITEMS).map((item) => html`<li class="name">${show(item)}</li>`)}
      ${left > 0 && html`<li class="quiet">and ${toCount(left)} more</li>`}
    </ul>
  </details>`;
}
