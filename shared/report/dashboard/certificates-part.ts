/** The dashboard's table of certificates: how they stand, what to see of them, and the page. */
import { certificateRow } from './certificate-row.ts';
import type { DashboardView } from './dashboard-view.ts';
import { STATUS_WORDS } from './words.ts';
import { countOf } from '../html/format.ts';
import { CERTIFICATE_STATUSES, type CertificateStatus } from '../../domain/certificate-list.ts';
import { html, type Html } from '../../pages/html.ts';

export function certificatesPart(view: DashboardView): Html {
  const known = CERTIFICATE_STATUSES.reduce((sum, status) => sum + view.counts[status], 0);
  return html`<section id="certificates" aria-labelledby="certificates-title" data-keyed>
    <div id="certificates-bar" class="bar">
      <h2 id="certificates-title">Certificates</h2>
      ${known > 0 && html`<p class="quiet counted">each once, with the places it is kept at</p>`}
      ${view.reader.maySync && html`<button type="button" id="upload" data-act="upload" class="button button-main" disabled>Upload</button>`}
    </div>
    ${known === 0 ? nothingBound(view) : html`${statuses(view, known)}${filter(view)}${table(view)}`}
  </section>`;
}

function nothingBound({ care, reader }: DashboardView): Html {
  const [service = 'contoso-gw'] = care.services;
  return html`<div id="nothing-bound" class="empty">
    <p><strong>No certificate is bound to anything yet.</strong></p>
    <p>Tag a certificate in Key Vault with the place that it is to be kept at:</p>
    <pre><code>certkeeper-targets = ${service}</code></pre>
    <p>Or upload one${reader.maySync ? ', with the button above or so' : ''}:</p>
    <pre><code>npx certkeeper upload cert.pfx ${care.vaults[0] ?? 'contoso-kv'}/orders -t ${service}</code></pre>
    <p class="quiet">
      What API Management already reads from a vault under care is found by the next sweep.
    </p>
  </div>`;
}

function statuses(view: DashboardView, known: number): Html {
  const { counts, query } = view;
  const all = link(view, { status: undefined, page: 1 });
  return html`<nav id="statuses" aria-label="Show certificates by status">
    ${choice(all, 'All', known, query.status === undefined)}
    ${CERTIFICATE_STATUSES.filter((status) => counts[status] > 0 || query.status === status).map(
      (status) =>
        choice(
          link(view, { status, page: 1 }),
          STATUS_WORDS[status],
          counts[status],
          query.status === status,
          status,
        ),
    )}
  </nav>`;
}

function choice(
  href: string,
  word: string,
  number: number,
  chosen: boolean,
  status?: CertificateStatus,
): Html {
  return html`<a
    href="${href}"
    data-look
    class="choice ${status ?? ''}"
    ${chosen && html`aria-current="true"`}
    ><span>${word}</span> <strong>${number.toLocaleString('en-US')}</strong></a
  >`;
}

const ORDER_WORDS = {
  status: 'Gravest first',
  name: 'Name',
  '-name': 'Name, backwards',
  expires: 'Expires first',
  '-expires': 'Expires last',
  '-status': 'Gravest last',
} as const;

function filter({ query, key }: DashboardView): Html {
  return html`<form id="filter" method="get" role="search">
    <label for="q">Search</label>
    <input
      id="q"
      name="q"
      type="search"
      class="input"
      value="${query.text ?? ''}"
      maxlength="200"
      autocomplete="off"
      spellcheck="false"
      placeholder="name, thumbprint or target"
    />
    <label for="sort">Order</label>
    <select id="sort" name="sort" class="input">
      ${Object.entries(ORDER_WORDS).map(
        ([order, word]) =>
          html`<option value="${order}" ${order === query.order && html`selected`}>
            ${word}
          </option>`,
      )}
    </select>
    ${query.status !== undefined && html`<input type="hidden" name="status" value="${query.status}" />`}
    ${key !== undefined && html`<input type="hidden" name="code" value="${key}" />`}
    <button type="submit" class="button">Show</button>
  </form>`;
}

function table(view: DashboardView): Html {
  const { certificates: slice, reader } = view;
  if (slice.rows.length === 0) {
    return html`<p id="no-match" class="empty">No certificate fits.</p>`;
  }
  // Roles are said: on a phone the table is laid out as blocks, and would lose its own.
  return html`<table id="table" role="table" aria-labelledby="certificates-title" data-keyed>
      <thead id="table-head" role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">Certificate</th>
          <th scope="col" role="columnheader">Status</th>
          <th scope="col" role="columnheader">Expires</th>
          <th scope="col" role="columnheader">Installed at</th>
          <th scope="col" role="columnheader">
            ${reader.maySync ? 'Actions' : html`<span class="visually-hidden">Actions</span>`}
          </th>
        </tr>
      </thead>
      <tbody id="rows" role="rowgroup" data-keyed>
        ${slice.rows.map((listed) => certificateRow(listed, view))}
      </tbody>
    </table>
    ${pages(view)}`;
}

function pages(view: DashboardView): Html {
  const { before, rows, total, page, pages: last } = view.certificates;
  const range = `${(before + 1).toLocaleString('en-US')} to ${(before + rows.length).toLocaleString('en-US')} of ${countOf(total, 'certificate')}`;
  const to = (where: number, word: string, id: string): Html =>
    where < 1 || where > last
      ? html`<span class="quiet">${word}</span>`
      : html`<a id="${id}" href="${link(view, { page: where })}" data-look>${word}</a>`;
  return html`<nav id="pages" aria-label="Pages of certificates">
    <span id="range">${range}</span>
    ${last > 1 && html`${to(page - 1, 'Previous', 'previous')} ${to(page + 1, 'Next', 'next')}`}
  </nav>`;
}

/** The same page with another query. */
function link(
  { query, key }: DashboardView,
  other: { readonly status?: CertificateStatus | undefined; readonly page: number },
): string {
  const { text, order, page, status } = { ...query, ...other };
  const values = new URLSearchParams({
    ...(text === undefined ? {} : { q: text }),
    ...(status === undefined ? {} : { status }),
    ...(order === 'status' ? {} : { sort: order }),
    ...(page === 1 ? {} : { page: String(page) }),
    ...(key === undefined ? {} : { code: key }),
  });
  return `?${values.toString()}`;
}
