import fc from 'fast-check';
import { toCsv } from '../../../shared/report/csv.ts';
import { readCsv, withoutGuards } from '../../support/audit/read-csv.ts';

describe('A table as CSV', () => {
  test('is read again as what it was, whatever its texts hold', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom(
          '"',
          ',',
          '\r',
          '\n',
          '\t',
          "'",
          '=',
          '-',
          ';',
          ' ',
          'é',
          '🔑',
          '\uFF1D',
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 2 })), (rows) => {
        const read = readCsv(toCsv(['one', 'another'], rows));
        expect(read[0]).toEqual(['one', 'another']);
        expect(read.slice(1).map((row) => row.map(withoutGuards))).toEqual(
          rows.map((row) => row.map(withoutGuards)),
        );
      }),
    );
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['=HYPERLINK("x","y")', '\'=HYPERLINK("x","y")'],
    ['  =1 after blanks', "'  =1 after blanks"],
    ['\u00A0=1 after a hard blank', "'\u00A0=1 after a hard blank"],
    ['\u200B=1 after what is not seen', "'\u200B=1 after what is not seen"],
    ['\uFF1D1+1 in wide letters', "'\uFF1D1+1 in wide letters"],
    ['\t=1', "'\t'=1"],
    ['\rtext', "'\rtext"],
    ['\n=1', "'\n'=1"],
    ['a;=1+1 where semicolons split', "a;'=1+1 where semicolons split"],
    ['a; -1', "a;' -1"],
    ['a\t@b', "a\t'@b"],
    ['a-1, b=2', 'a-1, b=2'],
    ['a; b', 'a; b'],
  ])('never lets a spreadsheet run %j', (text, guarded) => {
    const [, row] = readCsv(toCsv(['header'], [[text]]));
    expect(row).toEqual([guarded]);
  });

  test('takes long runs of what it looks at', () => {
    const blanks = `${' '.repeat(200_000)}${'\t'.repeat(200_000)}${';'.repeat(200_000)}`;
    expect(withoutGuards(readCsv(toCsv(['header'], [[blanks]]))[1]?.[0] ?? '')).toBe(blanks);
  });

  test('writes numbers and truth as they are, and nothing as nothing', () => {
    expect(toCsv(['a', 'b', 'c', 'd'], [[-1, true, undefined, 'x-1']])).toBe(
      'a,b,c,d\r\n-1,true,,x-1\r\n',
    );
  });
});
