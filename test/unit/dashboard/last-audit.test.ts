import { readLastAudit } from '../../../functions/triggers/dashboard/last-audit.ts';
import type { Acknowledgement } from '../../../shared/domain/audit/audit-report.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { makeReport } from '../../support/audit/make-report.ts';
import { makeMemoryAudits, NO_AUDITS } from '../../support/memory-audits.ts';

const REPORT = makeReport();
const NOW = () => new Date('2026-12-01T00:00:00Z');
const ACKNOWLEDGED: Acknowledgement = { reason: 'known', until: '2027-01-31', from: 'http' };

function over(report = REPORT, acknowledged: ReadonlyMap<string, Acknowledgement> = new Map()) {
  const audits = makeMemoryAudits([report, { ...report, id: '20261127T020000Z-000000' }]);
  let reads = 0;
  const read = readLastAudit(
    {
      reports: {
        list: audits.reports.list,
        open: async (...args) => {
          reads += 1;
          return await audits.reports.open(...args);
        },
      },
      acknowledgements: { all: async () => acknowledged },
    },
    NOW,
  );
  return { read, reads: () => reads };
}

async function* cutOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{"cut off');
}

describe('The last audit on the dashboard', () => {
  it('is none before the first', async () => {
    expect(await readLastAudit(NO_AUDITS, NOW)()).toEqual({ kind: 'none' });
  });

  it('is the newest, and its report is read once', async () => {
    const { read, reads } = over();
    const last = await read();
    expect(last).toMatchObject({ kind: 'made', summary: { id: REPORT.id } });
    expect(await read()).toEqual(last);
    expect(reads()).toBe(1);
  });

  it.each([
    ['whose day is over', { ...ACKNOWLEDGED, until: '2026-11-30' }],
    ['that became graver', { ...ACKNOWLEDGED, severity: 'low' as const }],
  ])('does not count an acknowledgement %s', async (_, acknowledgement) => {
    const [gravest] = REPORT.findings.filter(({ acknowledged }) => acknowledged === undefined);
    const last = await over(REPORT, new Map([[gravest?.id ?? '', acknowledgement]])).read();
    expect(last).toMatchObject({ findings: expect.arrayContaining([gravest]) as unknown });
  });

  it('says nothing of the findings of a report that cannot be read now, and reads it again', async () => {
    const { reports } = makeMemoryAudits([REPORT]);
    let open = async (): ReturnType<typeof reports.open> => cutOff();
    const read = readLastAudit(
      {
        reports: { list: reports.list, open: () => open() },
        acknowledgements: { all: async () => new Map() },
      },
      NOW,
    );
    expect(await read()).not.toHaveProperty('findings');
    open = () => reports.open(REPORT.id);
    expect(await read()).toMatchObject({ findings: { length: REPORT.findings.length } });
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

  it('says what the report says where nothing was acknowledged or withdrawn since', async () => {
    const findings = REPORT.findings.filter((one) => one.acknowledged?.from !== 'http');
    const headline = { ...REPORT.headline, sentence: 'As only the whole report can say it.' };
    const report = { ...REPORT, headline, findings };
    expect(await over(report).read()).toMatchObject({ summary: toSummary(report) });
  });

  it('counts what was acknowledged since at once, and says what is left', async () => {
    const open = REPORT.findings.filter(({ acknowledged }) => acknowledged === undefined);
    const critical = open.filter(({ severity }) => severity === 'critical');
    const known = new Map(critical.map(({ id }) => [id, ACKNOWLEDGED]));
    const last = await over(REPORT, known).read();
    expect(last).toMatchObject({
      summary: {
        headline: {
          health: 'attention',
          sentence: expect.stringMatching(/^Nothing is broken;/) as unknown,
          findings: { critical: 0 },
        },
      },
    });
  });

  it('counts what was withdrawn since as open again, unless a tag says otherwise', async () => {
    const known = REPORT.findings.filter((one) => one.acknowledged !== undefined);
    const byTag = known.filter((one) => one.acknowledged?.from === 'tag');
    expect(known.length).toBeGreaterThan(byTag.length);
    const last = await over().read();
    expect(last).toMatchObject({ summary: { headline: { acknowledged: byTag.length } } });
  });

  it('leaves the findings to the report when there are too many of them', async () => {
    const { headline } = REPORT;
    const findings = { ...headline.findings, medium: 20_001 };
    const { read, reads } = over({ ...REPORT, headline: { ...headline, findings } });
    expect(await read()).not.toHaveProperty('findings');
    expect(reads()).toBe(0);
  });
});
