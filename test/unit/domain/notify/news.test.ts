import fc from 'fast-check';
import { SEVERITIES, type AuditFinding } from '../../../../shared/domain/audit/audit-report.ts';
import { newsOf, type Told } from '../../../../shared/domain/notify/news.ts';
import { parseNotify } from '../../../../shared/domain/notify/rules.ts';
import { finding, report } from '../../../support/notify/samples.ts';

const { rules } = parseNotify('findings>=medium => slack');
const ACKNOWLEDGED = { reason: 'known', until: '2027-01-01', from: 'http' } as const;

/** A place that is told everything that is news to it. */
function makeReader(readRules = rules) {
  const told = new Map<string, Told>();
  return {
    told,
    read(...[findings, more]: Parameters<typeof report>): string[] {
      const { news, quietly } = newsOf('slack', report(findings, more), told, readRules);
      for (const one of quietly.put) told.set(one.finding.id, one);
      for (const id of quietly.forget) told.delete(id);
      for (const { change, finding: about } of news) {
        if (change === 'cleared') told.delete(about.id);
        else told.set(about.id, { finding: about, report: 'before' });
      }
      return news.map(({ change, finding: about }) => `${about.id} ${change}`);
    },
  };
}

describe('what is news', () => {
  const high = finding('a');
  const critical = finding('a', { severity: 'critical' });
  const medium = finding('a', { severity: 'medium' });
  const low = finding('a', { severity: 'low' });
  const known = finding('a', { acknowledged: ACKNOWLEDGED });

  test.each<[string, (readonly AuditFinding[])[], string[][]]>([
    ['a finding that appears is told once', [[high], [high], [high]], [['a appeared'], [], []]],
    ['one that worsens is told again', [[high], [critical]], [['a appeared'], ['a worsened']]],
    ['one that is eased is not', [[critical], [high]], [['a appeared'], []]],
    [
      'eased, and then worse again, is told',
      [[critical], [medium], [high]],
      [['a appeared'], [], ['a worsened']],
    ],
    ['one that is gone is told', [[high], []], [['a appeared'], ['a cleared']]],
    ['and only once', [[high], [], []], [['a appeared'], ['a cleared'], []]],
    [
      'one that comes back is new',
      [[high], [], [high]],
      [['a appeared'], ['a cleared'], ['a appeared']],
    ],
    ['what is below the rule is not told', [[low], []], [[], []]],
    ['until it is grave enough', [[low], [medium]], [[], ['a appeared']]],
    [
      'whoever was told hears the end, although it was eased below the rule before',
      [[high], [low], []],
      [['a appeared'], [], ['a cleared']],
    ],
    ['an acknowledged one is not told', [[known], []], [[], []]],
    ['nor is its end, once it is acknowledged', [[high], [known], []], [['a appeared'], [], []]],
    [
      'when the acknowledgement is over it is new',
      [[high], [known], [known], [high], [high]],
      [['a appeared'], [], [], ['a appeared'], []],
    ],
    [
      'the gravest come first, what is over last',
      [
        [finding('z')],
        [finding('m', { severity: 'medium' }), finding('c', { severity: 'critical' })],
      ],
      [['z appeared'], ['c appeared', 'm appeared', 'z cleared']],
    ],
  ])('%s', (_name, reports, expected) => {
    const reader = makeReader();
    expect(reports.map((findings) => reader.read(findings))).toEqual(expected);
  });

  it('what may only be out of sight is not over', () => {
    const reader = makeReader();
    const unreadable = { code: 'AZURE_UNAVAILABLE', message: 'no answer' } as const;
    const { scope } = report([]);
    const blind = {
      scope: { ...scope, vaults: scope.vaults.map((one) => ({ ...one, unreadable })) },
    };
    expect(reader.read([high, finding('b', { about: 'contoso-gw/certificates/b' })])).toHaveLength(
      2,
    );
    expect(reader.read([], blind)).toEqual(['b cleared']);
    expect(reader.read([high])).toEqual([]);
    expect(reader.read([])).toEqual(['a cleared']);
  });

  it('after the rules have changed, the end is told all the same', () => {
    const reader = makeReader();
    reader.read([high]);
    const { news } = newsOf('slack', report([]), reader.told, []);
    expect(news).toMatchObject([{ change: 'cleared', road: 'at-once' }]);
  });

  it('whatever happens, a place knows exactly what it wants to know, and no report is told twice', () => {
    const anyFinding = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      severity: fc.constantFrom(...SEVERITIES),
      acknowledged: fc.boolean(),
    });
    const anyReport = fc.uniqueArray(anyFinding, { selector: ({ id }) => id });
    fc.assert(
      fc.property(fc.array(anyReport, { maxLength: 8 }), (course) => {
        const reader = makeReader();
        for (const made of course) {
          const findings = made.map(({ id, severity, acknowledged }) =>
            finding(id, { severity, ...(acknowledged ? { acknowledged: ACKNOWLEDGED } : {}) }),
          );
          reader.read(findings);
          expect(reader.read(findings)).toEqual([]);
          const open = findings.filter((one) => one.acknowledged === undefined);
          // What it was told of and nobody has acknowledged is there, as grave as it is told to be.
          for (const { finding: about, muted } of reader.told.values()) {
            const now = findings.find(({ id }) => id === about.id);
            expect(now).toBeDefined();
            if (muted !== true) expect(now?.severity).toBe(about.severity);
          }
          // And nothing that the rules want told is missing.
          for (const { id, severity } of open) {
            if (severity !== 'low') expect(reader.told.get(id)?.muted).toBeUndefined();
            if (severity !== 'low') expect(reader.told.has(id)).toBe(true);
          }
        }
      }),
    );
  });
});
