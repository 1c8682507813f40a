import { html, type Html } from '../../pages/html.ts';
import { acknowledgedList, findingsList, FINDINGS_SHOWN, FIRST_VIEW } from './findings-list.ts';
import { countOf } from './format.ts';
import type { Book } from './page-data.ts';

/** What somebody has to do, by what cures it. */
export function findingsSection(book: Book): Html {
  const open = book.findings.filter(({ acknowledged }) => acknowledged === undefined);
  return html`<section class="panel" aria-labelledby="findings">
    <div class="panel-head">
      <h2 id="findings" tabindex="-1">What to do</h2>
      <span class="quiet">${countOf(open.length, 'finding')}</span>
    </div>
    <div id="findings-list">${findingsList(open, book, FIRST_VIEW)}</div>
  </section>`;
}

/** What is known and lived with: apart, and not counted among what is to be done. */
export function acknowledgedSection(book: Book): Html {
  const known = book.findings.filter(({ acknowledged }) => acknowledged !== undefined);
  return html`<section
    class="panel"
    id="acknowledged-part"
    aria-labelledby="acknowledged"
    ${known.length === 0 && html`hidden`}
  >
    <div class="panel-head">
      <h2 id="acknowledged">Acknowledged</h2>
      <span class="quiet">${countOf(known.length, 'finding')} that somebody lives with</span>
    </div>
    <div id="acknowledged-list">${acknowledgedList(known, book, false, FINDINGS_SHOWN)}</div>
  </section>`;
}
