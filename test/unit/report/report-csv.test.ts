import fc from 'fast-check';
import { composeReport } from '../../../shared/domain/audit/compose-report.ts';
import { toCertificatesCsv, toFindingsCsv } from '../../../shared/report/report-csv.ts';
import { anyFacts } from '../../support/audit/any-facts.ts';
import { sha256 } from '../../support/audit/make-facts.ts';
import { makeReport } from '../../support/audit/make-report.ts';
import { readCsv, withoutGuards } from '../../support/audit/read-csv.ts';

/** A table as records by the names in its header. */
function read(pieces: Iterable<string>): readonly Readonly<Record<string, string>>[] {
  const [header = [], ...rows] = readCsv([...pieces].join(''));
  return rows.map((row) =>
    Object.fromEntries(row.map((cell, at) => [header[at] ?? '', withoutGuards(cell)])),
  );
}

/** What a spreadsheet might run in a cell. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u;

describe('A report as tables', () => {
  test('has a row for each certificate and each finding, in its order', () => {
    const report = makeReport();
    const certificates = read(toCertificatesCsv(report));
    expect(certificates.map(({ id }) => id)).toEqual(report.certificates.map(({ id }) => id));
    const findings = read(toFindingsCsv(report));
    expect(findings.map(({ id, code, severity }) => ({ id, code, severity }))).toEqual(
      report.findings.map(({ id, code, severity }) => ({ id, code, severity })),
    );
  });

  test('says whether a place holds the current version, where that is known', () => {
    const report = makeReport();
    const current = new Map(
      read(toCertificatesCsv(report)).map((row) => [row['id'], row['current']]),
    );
    for (const { id, place, thumbprint, sourceThumbprint } of report.certificates) {
      const known = place !== 'vault' && sourceThumbprint !== undefined;
      expect(current.get(id)).toBe(known ? String(thumbprint === sourceThumbprint) : '');
    }
  });

  test('is read back with every text as it was, hostile ones too', () => {
    const same = (report: ReturnType<typeof makeReport>) => {
      const certificates = read(toCertificatesCsv(report));
      expect(certificates.map(({ subject, owner }) => [subject, owner])).toEqual(
        report.certificates.map(({ subject = '', owner = '' }) =>
          [subject, owner].map(withoutGuards),
        ),
      );
      expect(read(toFindingsCsv(report)).map(({ message, cure }) => [message, cure])).toEqual(
        report.findings.map(({ message, cure }) => [message, cure].map(withoutGuards)),
      );
    };
    same(makeReport({ hostile: true, certificates: 120 }));
    fc.assert(fc.property(anyFacts, (facts) => same(composeReport(facts, sha256))));
  });

  test('never holds what a spreadsheet would run', () => {
    const report = makeReport({ hostile: true, certificates: 120 });
    for (const table of [toCertificatesCsv(report), toFindingsCsv(report)]) {
      const cells = readCsv([...table].join('')).flat();
      expect(cells.filter((cell) => FORMULA.test(cell))).toEqual([]);
      const splitOtherwise = cells.flatMap((cell) => cell.split(/[;\t\r\n]/).slice(1));
      expect(splitOtherwise.filter((cell) => FORMULA.test(cell))).toEqual([]);
    }
  });
});
