import fc from 'fast-check';
import type { LedgerEntry } from '../../../shared/domain/ledger-ports.ts';
import type { DashboardQuery } from '../../../shared/report/dashboard/dashboard-view.ts';
import {
  countStatuses,
  ROWS_ON_A_PAGE,
  selectPage,
} from '../../../shared/report/dashboard/select-page.ts';
import { makeBinding, PROBLEM } from '../../support/domain-samples.ts';

const ALL: DashboardQuery = { order: 'status', page: 1 };

function entry(name: string, status: 'verified' | 'blocked' | 'pending' = 'verified'): LedgerEntry {
  const source = { vault: 'contoso-kv', name };
  return { record: { source, problems: [] }, bindings: [makeBinding({ source, status })] };
}
const names = (rows: readonly LedgerEntry[]) => rows.map(({ record }) => record.source.name);

describe('A page of the dashboard', () => {
  it('begins with what is gravest, then goes by name', () => {
    const entries = [entry('b'), entry('a'), entry('d', 'blocked'), entry('c', 'pending')];
    expect(names(selectPage(entries, ALL).rows)).toEqual(['d', 'c', 'a', 'b']);
  });

  it.each([
    ['a status', { status: 'blocked' }, ['x']],
    ['a part of a name', { text: 'ZZ' }, ['zz']],
    ['a part of a target', { text: 'contoso-gw/certificates' }, ['x', 'zz']],
    ['both', { text: 'zz', status: 'blocked' }, []],
  ] as const)('shows what fits %s', (_, query, expected) => {
    const entries = [entry('x', 'blocked'), entry('zz')];
    expect(names(selectPage(entries, { ...ALL, ...query }).rows)).toEqual(expected);
  });

  it('counts a certificate by how it stands as a whole, and shows all of its bindings', () => {
    const one = entry('a', 'blocked');
    const both = {
      ...one,
      bindings: [...one.bindings, makeBinding({ source: one.record.source })],
    };
    expect(selectPage([both], { ...ALL, status: 'blocked' }).rows[0]?.bindings).toHaveLength(2);
    expect(selectPage([both], { ...ALL, status: 'verified' }).rows).toEqual([]);
  });

  it('leaves out what is no concern of Certkeeper, and counts the rest', () => {
    const nothing: LedgerEntry = {
      record: { source: entry('n').record.source, problems: [] },
      bindings: [],
    };
    const ill = { ...nothing, record: { ...nothing.record, problems: [PROBLEM] } };
    expect(selectPage([nothing], ALL).total).toBe(0);
    expect(countStatuses([nothing, ill, entry('a'), entry('b', 'pending')])).toEqual({
      ...{ failed: 0, blocked: 1, pending: 1, verified: 1, ignored: 0, unbound: 0 },
    });
  });

  it('has every certificate on exactly one page, whatever page is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), (count) => {
        const entries = Array.from({ length: count }, (_, at) => entry(`c${String(at)}`));
        const first = selectPage(entries, ALL);
        const seen = Array.from({ length: first.pages }, (_, at) =>
          selectPage(entries, { ...ALL, page: at + 1 }),
        );
        expect(seen.flatMap(({ rows }) => names(rows)).sort()).toEqual(names(entries).sort());
        expect(seen.every(({ rows }) => rows.length <= ROWS_ON_A_PAGE)).toBe(true);
        expect(seen.map(({ before }) => before)).toEqual(seen.map((_, at) => at * ROWS_ON_A_PAGE));
        expect(selectPage(entries, { ...ALL, page: first.pages + 7 })).toEqual(seen.at(-1));
      }),
    );
  });
});
