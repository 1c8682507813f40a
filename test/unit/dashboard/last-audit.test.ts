import { readLastAudit } from '../../../functions/triggers/dashboard/last-audit.ts';
import type { Acknowledgement } from '../../../shared/domain/audit/audit-report.ts';
import { makeReport } from '../../support/audit/make-report.ts';
import { makeMemoryAudits, NO_AUDITS } from '../../support/memory-audits.ts';

const REPORT = makeReport();
const ACKNOWLEDGED: Acknowledgement = { reason: 'known', until: '2027-01-31', from: 'http' };

function over(report = REPORT, acknowledged: ReadonlyMap<string, Acknowledgement> = new Map()) {
  const audits = makeMemoryAudits([report, { ...report, id: '20261127T020000Z-000000' }]);
  let reads = 0;
  const read = readLastAudit({
    reports: {
      list: audits.reports.list,
      read: async (...args) => {
        reads += 1;
        return await audits.reports.read(...args);
      },
    },
    acknowledgements: { all: async () => acknowledged },
  });
  return { read, reads: () => reads };
}

describe('The last audit on the dashboard', () => {
  it('is none before the first', async () => {
    expect(await readLastAudit(NO_AUDITS)()).toEqual({ kind: 'none' });
  });

  it('is the newest, and its report is read once', async () => {
    const { read, reads } = over();
    const last = await read();
    expect(last).toMatchObject({ kind: 'made', summary: { id: REPORT.id } });
    expect(await read()).toEqual(last);
    expect(reads()).toBe(1);
  });

  it('has the gravest findings first, and those last that somebody lives with', async () => {
    const [gravest, second] = REPORT.findings.filter(
      ({ acknowledged }) => acknowledged === undefined,
    );
    const { read } = over(REPORT, new Map([[gravest?.id ?? '', ACKNOWLEDGED]]));
    const last = await read();
    if (last.kind !== 'made' || last.findings === undefined) throw new Error('It has findings');
    expect(last.findings[0]?.id).toBe(second?.id);
    expect(last.findings.findLast(({ severity }) => severity === gravest?.severity)).toMatchObject({
      id: gravest?.id,
      acknowledged: ACKNOWLEDGED,
    });
  });

  it('leaves the findings to the report when there are too many certificates', async () => {
    const { headline } = REPORT;
    const { read, reads } = over({ ...REPORT, headline: { ...headline, certificates: 20_001 } });
    expect(await read()).not.toHaveProperty('findings');
    expect(reads()).toBe(0);
  });
});
