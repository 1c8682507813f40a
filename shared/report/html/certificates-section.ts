import { html, type Html } from '../../pages/html.ts';
import { tableContent } from './certificate-table.ts';
import { countOf, toCount } from './format.ts';
import { LINES_ON_PAGE, pageOf, toHolderLines } from './lines.ts';
import type { Book } from './page-data.ts';

/** The table of certificates with what the script turns its pages by; its first lines stand in it. */
export function certificatesSection(book: Book): Html {
  const lines = toHolderLines(book.rows, book, () => false);
  const left = book.rows.length - LINES_ON_PAGE;
  return html`<section class="panel" id="certificates-part" aria-labelledby="certificates">
    <div class="panel-head">
      <h2 id="certificates" tabindex="-1">Certificates</h2>
      <span class="quiet">${countOf(book.rows.length, 'certificate')}, counted at every place</span>
      <div class="table-controls live" ${book.rows.length === 0 && html`hidden`}>
        <label><input type="checkbox" name="grouped" checked /> By service and vault</label>
        <button type="button" class="button button-small" data-fold-all>Fold all</button>
        ${pager()}
      </div>
    </div>
    <table class="table certificates">
      ${tableContent(pageOf(lines, 0), book, {
        live: false,
        order: { by: 'name', descending: false },
        unfolded: new Set(),
      })}
    </table>
    <p class="empty" ${book.rows.length > 0 && html`hidden`}>
      ${
        book.rows.length > 0
          ? 'No certificate fits.'
          : 'No certificates were seen in the vaults and services of CERTKEEPER_VAULTS and CERTKEEPER_SERVICES.'
      }
    </p>
    ${
      left > 0 &&
      html`<p class="empty still">
        These are the first of ${toCount(book.rows.length)}. With JavaScript the page shows the
        others; the report's JSON and CSV have them as well.
      </p>`
    }
    <div class="panel-foot live">${pager()}</div>
  </section>`;
}

function pager(): Html {
  return html`<nav class="pager" aria-label="Pages of certificates">
    <button type="button" class="button button-small" data-turn="-1">Back</button>
    <span class="quiet number"></span>
    <button type="button" class="button button-small" data-turn="1">Next</button>
  </nav>`;
}
