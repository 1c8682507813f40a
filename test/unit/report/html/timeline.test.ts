import { toPageData, type Row } from '../../../../shared/report/html/page-data.ts';
import { describeRest, toTimeline, WEEKS } from '../../../../shared/report/html/timeline.ts';
import { drawTimeline } from '../../../../shared/report/html/timeline-chart.ts';
import { makeReport } from '../../../support/audit/make-report.ts';

const AT = '2026-11-28T02:00:00.000Z';
const DAY_MS = 86_400_000;
const row = (id: string, daysLeft: number, more: Partial<Row> = {}): Row => ({
  id,
  place: 'client',
  origin: 'uploaded',
  expiresAt: new Date(Date.parse(AT) + daysLeft * DAY_MS).toISOString(),
  ...more,
});

describe('the timeline', () => {
  it('counts what expires in each week, apart by whether the vault renews it', () => {
    const { weeks } = toTimeline(
      [row('a', 1), row('b', 6.9), row('c', 8, { renewal: 'auto' })],
      AT,
    );
    expect(weeks).toHaveLength(WEEKS);
    expect(weeks.slice(0, 2)).toEqual([
      { from: '2026-11-28T00:00:00.000Z', byHand: 2, renewed: 0 },
      { from: '2026-12-05T00:00:00.000Z', byHand: 0, renewed: 1 },
    ]);
  });

  it('counts what is expired and what expires later, also in the hours of the report’s day', () => {
    const timeline = toTimeline([row('a', -0.01), row('b', -90), row('c', 400)], AT);
    expect([timeline.expired, timeline.later]).toEqual([2, 1]);
    expect(describeRest(timeline)).toBe(
      'Each certificate counted once: 2 expired, 1 after 28 May 2027',
    );
  });

  it('counts a certificate once, at however many places it is', () => {
    const same = { thumbprint: 'AA' };
    const { weeks } = toTimeline(
      [row('gw/certificates/a', 3, same), row('kv/a', 3, { ...same, renewal: 'auto' })],
      AT,
    );
    expect(weeks[0]).toMatchObject({ byHand: 0, renewed: 1 });
  });

  it('leaves out what has no date', () => {
    const { expiresAt: _, ...dateless } = row('a', 1);
    const timeline = toTimeline([dateless], AT);
    expect(timeline.weeks.every(({ byHand, renewed }) => byHand + renewed === 0)).toBe(true);
  });
});

describe('its chart', () => {
  const { text } = drawTimeline(toTimeline(toPageData(makeReport()).rows, AT), {
    width: 360,
    height: 150,
    labelEach: 6,
  });

  it('holds nothing that the policy of the page forbids', () => {
    expect(text).toMatch(/^<svg [\s\S]*<\/svg>$/);
    expect(text).not.toMatch(/<style|style=|<script|\bon\w+=|href/);
  });

  it('has the colours of the page, and no others', () => {
    const colours = new Set([...text.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, is]) => is));
    for (const colour of colours) expect(colour).toMatch(/^(?:none|var\(--[a-z-]+\))$/);
  });
});
