import * as fc from 'fast-check';
import { SEVERITIES } from '../../../../shared/domain/audit/audit-report.ts';
import { openBook, toPageData } from '../../../../shared/report/html/page-data.ts';
import {
  makeSelect,
  SORT_KEYS,
  sortRows,
  type Query,
} from '../../../../shared/report/html/select.ts';
import { makeReport } from '../../../support/audit/make-report.ts';

const report = makeReport({ certificates: 60 });
const book = openBook(toPageData(report));
const select = makeSelect(book);
const values = <T>(of: readonly (T | undefined)[]) => [
  ...new Set(of.filter((value) => value !== undefined)),
];

const anyQuery: fc.Arbitrary<Query> = fc.record(
  {
    text: fc.constantFrom('cert', 'CONTOSO  gw', 'cert-1', 'nothing has this'),
    severity: fc.constantFrom(...SEVERITIES),
    service: fc.constantFrom(...values(book.rows.map(({ service }) => service))),
    vault: fc.constantFrom(...values(book.rows.map(({ vault }) => vault))),
    code: fc.constantFrom(...book.findings.map(({ code }) => code)),
    owner: fc.constantFrom(...values(book.rows.map(({ owner }) => owner))),
  },
  { requiredKeys: [] },
);

describe('what a query finds', () => {
  it('is everything when nothing is asked, acknowledged findings apart', () => {
    const { rows, findings, acknowledged } = select({});
    expect(rows).toEqual(book.rows);
    expect(findings.length + acknowledged.length).toBe(book.findings.length);
    expect(findings.every((finding) => finding.acknowledged === undefined)).toBe(true);
    expect(acknowledged.length).toBeGreaterThan(0);
  });

  it('gets no more by asking for more', () => {
    fc.assert(
      fc.property(anyQuery, anyQuery, (query, more) => {
        const [wide, narrow] = [select(query), select({ ...more, ...query })];
        expect(wide.rows).toEqual(expect.arrayContaining([...narrow.rows]));
        expect(wide.findings).toEqual(expect.arrayContaining([...narrow.findings]));
      }),
    );
  });

  it('fits every word, in any case, wherever it stands', () => {
    const [row] = select({ text: 'TEAM-A certificates/cert-2' }).rows;
    expect(row?.id).toBe('contoso-gw/workspaces/team-a/certificates/cert-2');
  });

  it('goes by thumbprint, subject, name, issuer, serial number and owner as well', () => {
    const row = book.rows.find(({ owner, sans }) => owner !== undefined && sans !== undefined);
    for (const text of [row?.thumbprint, row?.subject, row?.sans?.[0], row?.issuer, row?.owner]) {
      expect(select({ text: text ?? 'none' }).rows).toContain(row);
    }
  });

  it('of a severity is certificates with such a finding, and such findings', () => {
    const { rows, findings } = select({ severity: 'critical' });
    expect(findings.every(({ severity }) => severity === 'critical')).toBe(true);
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(findings.map(({ about }) => about)));
  });

  it('of a vault is what is in it and what is kept current from it', () => {
    const places = new Set(select({ vault: 'contoso-kv' }).rows.map(({ place }) => place));
    expect(places.has('vault') && places.has('workspace')).toBe(true);
  });

  it('of a service are findings about the service itself too, also of what is gone', () => {
    const [finding] = report.findings;
    if (finding === undefined) throw new Error('The sample has no findings.');
    const about = ['contoso-gw', 'contoso-gw/certificates/gone', 'contoso-gw-2'].map((name) => ({
      ...finding,
      id: name,
      about: name,
    }));
    const found = makeSelect(openBook(toPageData({ ...report, findings: about })))({
      service: 'contoso-gw',
    });
    expect(found.findings.map(({ id }) => id)).toEqual([
      'contoso-gw',
      'contoso-gw/certificates/gone',
    ]);
  });
});

describe('rows in an order', () => {
  it.each(SORT_KEYS)('by %s are the same rows, either way', (by) => {
    for (const descending of [false, true]) {
      const sorted = sortRows(book.rows, { by, descending }, book);
      expect(sorted).toHaveLength(book.rows.length);
      expect(new Set(sorted)).toEqual(new Set(book.rows));
    }
  });

  it('go backwards when that is asked for', () => {
    const up = sortRows(book.rows, { by: 'name', descending: false }, book);
    const down = sortRows(book.rows, { by: 'name', descending: true }, book);
    expect(down).toEqual(up.toReversed());
  });

  it('have what has no value last, either way', () => {
    for (const descending of [false, true]) {
      const owners = sortRows(book.rows, { by: 'owner', descending }, book).map(
        ({ owner }) => owner,
      );
      const first = owners.indexOf(undefined);
      expect(first).toBeGreaterThan(0);
      expect(owners.slice(first).every((owner) => owner === undefined)).toBe(true);
    }
  });

  it('go by number where names hold numbers', () => {
    const ids = sortRows(book.rows, { by: 'name', descending: false }, book)
      .map(({ id }) => id)
      .filter((id) => id.startsWith('contoso-gw/workspaces'));
    expect(ids.indexOf('contoso-gw/workspaces/team-a/certificates/cert-2')).toBeLessThan(
      ids.indexOf('contoso-gw/workspaces/team-a/certificates/cert-20'),
    );
  });

  it('by status begin with the gravest', () => {
    const [first] = sortRows(book.rows, { by: 'status', descending: false }, book);
    expect(first && book.worstOf(first)).toBe('critical');
  });
});
