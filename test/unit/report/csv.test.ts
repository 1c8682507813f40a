import fc from 'fast-check';
import { toCsv } from '../../../shared/report/csv.ts';

/** Reads CSV as RFC 4180 says; the test's own, so that it shares no mistake with the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at] ?? '';
    if (quoted) {
      if (one !== '"') cell += one;
      else if (text[at + 1] === '"') cell += text[(at += 1)] ?? '';
      else quoted = false;
    } else if (one === '"') quoted = true;
    else if (one === ',' || (one === '\r' && text[at + 1] === '\n')) {
      row.push(cell);
      cell = '';
      if (one === ',') continue;
      at += 1;
      rows.push(row);
      row = [];
    } else cell += one;
  }
  expect([quoted, cell, row]).toEqual([false, '', []]);
  return rows;
}

describe('A table as CSV', () => {
  test('is read again as what it was, whatever its texts hold', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', "'", '=', ';', ' ', 'é', '🔑') }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 2 })), (rows) => {
        const read = readCsv(toCsv(['one', 'another'], rows));
        expect(read[0]).toEqual(['one', 'another']);
        expect(
          read.slice(1).map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ''))),
        ).toEqual(rows.map((row) => row.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ''))));
      }),
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=HYPERLINK("x","y")'])(
    'never lets a spreadsheet run %j',
    (text) => {
      const [, row] = readCsv(toCsv(['header'], [[text]]));
      expect(row).toEqual([`'${text}`]);
    },
  );

  test('writes numbers and truth as they are, and nothing as nothing', () => {
    expect(toCsv(['a', 'b', 'c', 'd'], [[-1, true, undefined, 'x-1']])).toBe(
      'a,b,c,d\r\n-1,true,,x-1\r\n',
    );
  });
});
