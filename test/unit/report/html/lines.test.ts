import {
  LINES_ON_PAGE,
  pageOf,
  pagesOf,
  toHolderLines,
  toLines,
} from '../../../../shared/report/html/lines.ts';
import { openBook, toPageData } from '../../../../shared/report/html/page-data.ts';
import { makeReport } from '../../../support/audit/make-report.ts';

const report = makeReport({ certificates: 500 });
const book = openBook(toPageData(report));
const all = toHolderLines(book.rows, book, () => false);

describe('certificates by what they are in', () => {
  it('stand each once below the line of its service or vault', () => {
    let holder = '';
    for (const line of all) {
      if (line.kind === 'holder') holder = line.holder.name;
      else expect([line.row.service, line.row.vault]).toContain(holder);
    }
    const rows = all.flatMap((line) => (line.kind === 'certificate' ? [line.row] : []));
    expect(new Set(rows)).toEqual(new Set(book.rows));
    expect(rows).toHaveLength(book.rows.length);
  });

  it('are only a line when they are folded', () => {
    const lines = toHolderLines(book.rows, book, (key) => key === 'service/contoso-gw');
    const folded = lines.filter((line) => line.kind === 'holder' && line.folded);
    expect(folded).toHaveLength(1);
    expect(
      lines.some((line) => line.kind === 'certificate' && line.row.service === 'contoso-gw'),
    ).toBe(false);
  });

  it('are told apart when a vault is called as a service is', () => {
    const [row] = book.rows;
    if (row === undefined) throw new Error('The sample has no certificates.');
    const twins = openBook({
      ...book,
      rows: [
        { ...row, id: 'twin/a', place: 'vault', vault: 'twin' },
        { ...row, id: 'twin/certificates/a', place: 'client', service: 'twin' },
      ],
    });
    const kinds = toHolderLines(twins.rows, twins, () => true).map(
      (line) => line.kind === 'holder' && line.holder.kind,
    );
    expect(kinds).toEqual(['service', 'vault']);
  });
});

describe('pages of lines', () => {
  it('hold every line once, besides headings that are told again', () => {
    const pages = Array.from({ length: pagesOf(all) }, (_, page) => pageOf(all, page));
    const again = (line: (typeof all)[number]) => line.kind === 'holder' && line.continued === true;
    expect(pages.flat().filter((line) => !again(line))).toEqual(all);
    for (const [first, ...others] of pages) {
      expect(first?.kind).toBe('holder');
      expect(others.some(again)).toBe(false);
    }
  });

  it('tell no heading again where there is none', () => {
    const page = pageOf(toLines(book.rows), 1);
    expect(page).toHaveLength(LINES_ON_PAGE);
    expect(page[0]?.kind).toBe('certificate');
  });

  it('are one, also of nothing', () => {
    expect([pagesOf([]), pageOf([], 0)]).toEqual([1, []]);
  });
});
