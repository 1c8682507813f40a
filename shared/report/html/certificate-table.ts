/** The table of certificates, line by line: the server writes its first lines, the script all others. */
import { SEVERITIES, type Severity } from '../../domain/audit/audit-report.ts';
import { html, type Html } from '../../pages/html.ts';
import { certificateDetails } from './certificate-details.ts';
import { nameOf } from './certificate-name.ts';
import { countOf, daysBetween, toCount } from './format.ts';
import type { Line } from './lines.ts';
import { keyOf, type Book, type Row } from './page-data.ts';
import { portalLink } from './portal-link.ts';
import type { Order, SortKey } from './select.ts';
import { dayHtml, severityBadge } from './words.ts';

const SOON_DAYS = 30;

const COLUMNS: readonly { readonly key: SortKey | 'thumbprint'; readonly title: string }[] = [
  { key: 'name', title: 'Certificate' },
  { key: 'source', title: 'Source' },
  { key: 'thumbprint', title: 'Thumbprint' },
  { key: 'expires', title: 'Expires' },
  { key: 'status', title: 'Status' },
  { key: 'uses', title: 'Uses' },
  { key: 'owner', title: 'Owner' },
];

/** How the table is to be shown. */
export interface TableView {
  /** Whether a script is there to sort and to unfold. */
  readonly live: boolean;
  readonly order: Order;
  /** Ids of certificates whose details are shown. */
  readonly unfolded: ReadonlySet<string>;
}

/** Everything inside of the `<table>`. */
export function tableContent(lines: readonly Line[], book: Book, view: TableView): Html {
  const grouped = lines.some(({ kind }) => kind === 'holder');
  return html`<caption class="visually-hidden">
      Certificates by where they are installed
    </caption>
    <thead>
      <tr>
        ${COLUMNS.map(({ key, title }) => headCell(key, title, view))}
      </tr>
    </thead>
    ${toBodies(lines).map(
      (body) =>
        html`<tbody>
          ${body.map((line) =>
            line.kind === 'holder'
              ? holderLine(line, book, view)
              : certificateLine(line.row, book, view, grouped),
          )}
        </tbody>`,
    )}`;
}

/** A body for each service and each vault, so that its line is the heading of those below. */
function toBodies(lines: readonly Line[]): Line[][] {
  const bodies: Line[][] = [];
  for (const line of lines) {
    const body = bodies.at(-1);
    if (body === undefined || line.kind === 'holder') bodies.push([line]);
    else body.push(line);
  }
  return bodies;
}

function headCell(key: SortKey | 'thumbprint', title: string, { live, order }: TableView): Html {
  const sorted = order.by === key && (order.descending ? 'descending' : 'ascending');
  const label =
    live && key !== 'thumbprint'
      ? html`<button type="button" class="button-text sort" data-sort="${key}" data-focus="${key}">
          ${title}
        </button>`
      : title;
  return html`<th scope="col" class="column-${key}" ${sorted && html`aria-sort="${sorted}"`}>
    ${label}
  </th>`;
}

function holderLine(line: Line & { kind: 'holder' }, book: Book, { live }: TableView): Html {
  const { holder, rows, folded, continued } = line;
  const key = keyOf(holder);
  const worst = worstOfAll(rows, book);
  const next = nextExpiry(rows, book.at);
  const portal = portalLink(holder.resourceId);
  const name = html`<strong class="name">${holder.name}</strong>`;
  return html`<tr class="holder">
    <th scope="rowgroup" colspan="${COLUMNS.length}">
      ${
        live
          ? html`<button
              type="button"
              class="button-text fold"
              aria-expanded="${String(!folded)}"
              data-fold="${key}"
              data-focus="${key}"
            >
              ${name}
            </button>`
          : name
      }
      <span class="quiet">
        ${holder.kind === 'vault' ? 'Key Vault' : 'API Management'}${holder.tier && ` ${holder.tier}`},
        ${countOf(rows.length, 'certificate')}${continued && ', continued'}
        ${next !== undefined && html`· next expires ${dayHtml(book.at, next)}`}
      </span>
      ${worst && severityBadge(worst)}
      ${portal && html`<a class="portal" href="${portal}" rel="noreferrer">Azure portal</a>`}
    </th>
  </tr>`;
}

function worstOfAll(rows: readonly Row[], book: Book): Severity | undefined {
  const found = new Set(rows.map((row) => book.worstOf(row)));
  return SEVERITIES.find((severity) => found.has(severity));
}

function nextExpiry(rows: readonly Row[], at: string): string | undefined {
  return rows.reduce<string | undefined>(
    (next, { expiresAt }) =>
      expiresAt !== undefined && expiresAt > at && (next === undefined || expiresAt < next)
        ? expiresAt
        : next,
    undefined,
  );
}

function certificateLine(row: Row, book: Book, view: TableView, grouped: boolean): Html {
  const unfolded = view.unfolded.has(row.id);
  const differs =
    row.thumbprint !== undefined &&
    row.sourceThumbprint !== undefined &&
    row.thumbprint !== row.sourceThumbprint;
  return html`<tr class="certificate">
      <th scope="row" class="column-name">${nameHtml(row, view, grouped)}</th>
      <td class="column-source name">${row.place === 'vault' ? '' : row.source}</td>
      <td class="column-thumbprint">
        ${row.thumbprint && html`<code>${row.thumbprint.slice(0, 8)}</code>`}
        ${differs && html`<span class="badge high">not the source's</span>`}
      </td>
      <td class="column-expires ${row.expiresAt && urgencyOf(book.at, row.expiresAt)}">
        ${row.expiresAt && dayHtml(book.at, row.expiresAt)}
      </td>
      <td class="column-status">${statusHtml(row, book)}</td>
      <td class="column-uses">${usesHtml(row)}</td>
      <td class="column-owner name">${row.owner}</td>
    </tr>
    ${
      unfolded &&
      html`<tr class="details">
        <td colspan="${COLUMNS.length}">${certificateDetails(row, book)}</td>
      </tr>`
    }`;
}

/** The name, with the path to it as far as the line above does not say it. */
function nameHtml(row: Row, { live, unfolded }: TableView, grouped: boolean): Html {
  const { id } = row;
  const { path, name: last } = nameOf(row);
  const shown = grouped ? path.slice(path.indexOf('/') + 1) : path;
  const name = html`<span class="name"><span class="quiet">${shown}</span>${last}</span>`;
  if (!live) return name;
  return html`<button
    type="button"
    class="button-text fold"
    aria-expanded="${String(unfolded.has(id))}"
    data-unfold="${id}"
    data-focus="${id}"
  >
    ${name}
  </button>`;
}

function urgencyOf(at: string, expiresAt: string): string {
  const days = daysBetween(at, expiresAt);
  if (days < 0) return 'expired';
  return days < SOON_DAYS ? 'soon' : '';
}

function statusHtml(row: Row, book: Book): Html {
  const worst = book.worstOf(row);
  const known = book.findingsOf(row).length > 0;
  return html`${
    worst === undefined
      ? html`<span class="badge ${known ? 'low' : 'good'}"
          >${known ? 'Acknowledged' : 'In order'}</span
        >`
      : severityBadge(worst)
  }
  ${row.binding && row.binding !== 'verified' && html`<span class="quiet">${row.binding}</span>`}`;
}

function usesHtml({ uses }: Row): Html {
  if (uses === undefined) return html``;
  if (uses.verdict === 'unused') return html`<span class="quiet">none</span>`;
  return html`<span class="number">${toCount(uses.references)}</span>${
      uses.verdict === 'may-be-in-use' && html` <span class="quiet">or more</span>`
    }${
      uses.byThumbprint > 0 &&
      html`<span class="quiet">, ${toCount(uses.byThumbprint)} by thumbprint</span>`
    }`;
}
