import { tableContent } from '../../../report/html/certificate-table.ts';
import {
  LINES_ON_PAGE,
  pageOf,
  pagesOf,
  toHolderLines,
  toLines,
  type Line,
} from '../../../report/html/lines.ts';
import { keyOf, type Book, type Row } from '../../../report/html/page-data.ts';
import { SORT_KEYS, sortRows, type Order } from '../../../report/html/select.ts';
import { toCount } from '../../../report/html/format.ts';
import { findElement, onClick } from '../find-element.ts';
import { keepFocus } from '../keep-focus.ts';
import { putHtml } from '../put-html.ts';

/** With more than this, services and vaults begin folded: their lines alone are an overview. */
const MOST_UNFOLDED = 200;

export interface CertificatesPart {
  /** Shows rows from the first page on. */
  show(rows: readonly Row[], asked: boolean): void;
  /** Turns to a certificate, with all that is known of it; it must be among the rows shown. */
  reveal(id: string): void;
  /** Shows every line, for print; `false` puts the page back. */
  showWhole(whole: boolean): void;
}

/** The table: by service and vault or not, sorted, a page of it at a time. */
export function setUpCertificates(section: HTMLElement, book: Book): CertificatesPart {
  const table = findElement('table', HTMLTableElement, section);
  const grouped = findElement('[name=grouped]', HTMLInputElement, section);
  const foldAll = findElement('[data-fold-all]', HTMLElement, section);
  const pagers = [...section.querySelectorAll('.pager')];
  const unfolded = new Set<string>();
  const folded = new Set<string>(
    book.rows.length > MOST_UNFOLDED ? book.holders.map(keyOf) : undefined,
  );
  let order: Order = { by: 'name', descending: false };
  let rows: readonly Row[] = [];
  let lines: readonly Line[] = [];
  let page = 0;
  /** Who searches wants to see what was found, folded or not. */
  let asked = false;

  grouped.addEventListener('change', () => layOut(0));
  onClick(section, 'data-sort', (key) => {
    const by = SORT_KEYS.find((one) => one === key) ?? 'name';
    order = { by, descending: order.by === by && !order.descending };
    layOut(0);
  });
  onClick(section, 'data-fold', (key) => {
    toggle(folded, key);
    layOut(page);
  });
  onClick(section, 'data-fold-all', () => {
    const some = folded.size > 0;
    folded.clear();
    if (!some) for (const holder of book.holders) folded.add(keyOf(holder));
    layOut(0);
  });
  onClick(section, 'data-unfold', (id) => {
    toggle(unfolded, id);
    draw(pageOf(lines, page));
  });
  onClick(section, 'data-turn', (by, button) => {
    layOut(page + Number(by));
    if (button.closest('.panel-foot') !== null) section.scrollIntoView();
  });

  return {
    show: (given, wereAsked) => {
      rows = given;
      asked = wereAsked;
      layOut(0);
    },
    reveal: (id) => {
      const row = book.rowOf(id);
      if (row === undefined) return;
      folded.delete(keyOf(book.holderOf(row)));
      unfolded.add(id);
      layOut(0);
      const at = lines.findIndex((line) => line.kind === 'certificate' && line.row === row);
      layOut(Math.floor(Math.max(0, at) / LINES_ON_PAGE));
      const button = table.querySelector<HTMLElement>(`[data-unfold="${CSS.escape(id)}"]`);
      button?.focus();
      button?.scrollIntoView({ block: 'center' });
    },
    showWhole: (whole) => {
      if (whole) draw(toShown(() => false));
      else layOut(page);
    },
  };

  function layOut(wanted: number): void {
    lines = toShown((key) => !asked && folded.has(key));
    page = Math.min(Math.max(0, wanted), pagesOf(lines) - 1);
    draw(pageOf(lines, page));
  }

  function toShown(isFolded: (key: string) => boolean): readonly Line[] {
    const sorted = sortRows(rows, order, book);
    return grouped.checked ? toHolderLines(sorted, book, isFolded) : toLines(sorted);
  }

  function draw(shown: readonly Line[]): void {
    keepFocus(() => putHtml(table, tableContent(shown, book, { live: true, order, unfolded })));
    foldAll.textContent = folded.size > 0 ? 'Unfold all' : 'Fold all';
    foldAll.hidden = !grouped.checked || asked;
    table.hidden = rows.length === 0;
    findElement('.empty', HTMLElement, section).hidden = rows.length > 0;
    for (const pager of pagers) drawPager(pager, page, pagesOf(lines));
  }
}

function drawPager(pager: Element, page: number, pages: number): void {
  const [back, on] = [...pager.querySelectorAll('button')];
  const hadFocus = [back, on].find((button) => button === document.activeElement);
  if (back !== undefined) back.disabled = page === 0;
  if (on !== undefined) on.disabled = page === pages - 1;
  // A button that is off loses the focus; the other one goes on from here.
  if (hadFocus?.disabled === true) (hadFocus === back ? on : back)?.focus();
  findElement('span', HTMLElement, pager).textContent =
    `Page ${toCount(page + 1)} of ${toCount(pages)}`;
  pager.toggleAttribute('hidden', pages === 1);
}

function toggle(set: Set<string>, key: string): void {
  if (!set.delete(key)) set.add(key);
}
