import { auditPart } from '../../../shared/report/dashboard/audit-part.ts';
import type { LastAudit } from '../../../shared/report/dashboard/dashboard-view.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { makeReport } from '../../support/audit/make-report.ts';

const READER = { maySync: false, mayManage: false };
const SUMMARY = toSummary(makeReport());
const BEFORE = {
  ...SUMMARY,
  id: '20261127T020000Z-000000',
  completedAt: '2026-11-27T02:00:09.000Z',
};

const partOf = (other: Partial<Extract<LastAudit, { kind: 'made' }>>, key?: string) =>
  auditPart({ kind: 'made', summary: SUMMARY, earlier: [], ...other }, READER, key).text;

/** What follows the heading of the earlier reports. */
const earlierIn = (part: string) => part.split('Earlier reports')[1]?.replaceAll(/\s+/g, ' ');

describe('The reports before the last one, on the dashboard,', () => {
  test('are listed with their day and time, how things stood, and what was found', () => {
    const findings = { critical: 1, high: 1_200, medium: 0, low: 0 };
    const headline = { ...SUMMARY.headline, health: 'attention', findings } as const;
    const earlier = earlierIn(partOf({ earlier: [{ ...BEFORE, headline }] }));
    expect(earlier).toContain(
      '<a href="/api/audits/20261127T020000Z-000000" data-report>27 Nov 2026, 02:00 UTC</a>',
    );
    expect(earlier).toContain('<span class="badge attention">Attention</span>');
    expect(earlier).toContain('1 critical, 1,200 high<');
  });

  test('say so where nothing was found', () => {
    const findings = { critical: 0, high: 0, medium: 0, low: 0 };
    const headline = { ...SUMMARY.headline, findings };
    expect(earlierIn(partOf({ earlier: [{ ...BEFORE, headline }] }))).toContain('no findings');
  });

  test('take the key along that stands in the address', () => {
    expect(earlierIn(partOf({ earlier: [BEFORE] }, 'a&b'))).toContain(
      'href="/api/audits/20261127T020000Z-000000?code=a%26b"',
    );
  });

  test('are not mentioned where there are none', () => {
    expect(partOf({})).not.toContain('Earlier reports');
  });
});
