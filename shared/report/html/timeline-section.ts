import { html, type Html } from '../../pages/html.ts';
import { toCount, toDay } from './format.ts';
import { describeRest, toTimeline, type Week } from './timeline.ts';
import type { Row } from './page-data.ts';

/** When certificates expire: a chart, once for a desk and once for a phone, and the same as a table. */
export async function timelineSection(rows: readonly Row[], at: string): Promise<Html> {
  const timeline = toTimeline(rows, at);
  const busy = timeline.weeks.filter(({ renewed, byHand }) => renewed + byHand > 0);
  return html`<section class="panel" aria-labelledby="timeline">
    <div class="panel-head">
      <h2 id="timeline">Expirations in the next half-year</h2>
      <span class="quiet">${describeRest(timeline)}</span>
    </div>
    ${
      busy.length === 0
        ? html`<p class="empty">Nothing expires in that time.</p>`
        : html`${await charts(timeline)}
            <ul class="legend">
              <li class="legend-by-hand">Somebody has to renew it</li>
              <li class="legend-renewed">The vault renews it</li>
            </ul>
            <details class="as-table">
              <summary>The same as a table</summary>
              <table class="table">
                <caption class="visually-hidden">
                  Certificates that expire, by week
                </caption>
                <thead>
                  <tr>
                    <th scope="col">Week from</th>
                    <th scope="col">Somebody has to renew</th>
                    <th scope="col">The vault renews</th>
                  </tr>
                </thead>
                <tbody>
                  ${busy.map(weekLine)}
                </tbody>
              </table>
            </details>`
    }
  </section>`;
}

async function charts(timeline: ReturnType<typeof toTimeline>): Promise<Html> {
  // A megabyte that the app need not execute when it starts.
  const { drawTimeline } = await import('./timeline-chart.ts');
  return html`<div class="chart chart-wide">
      ${drawTimeline(timeline, { width: 1240, height: 170, labelEach: 2 })}
    </div>
    <div class="chart chart-narrow">
      ${drawTimeline(timeline, { width: 360, height: 150, labelEach: 6 })}
    </div>`;
}

function weekLine({ from, byHand, renewed }: Week): Html {
  return html`<tr>
    <th scope="row">${toDay(from)}</th>
    <td class="number">${toCount(byHand)}</td>
    <td class="number">${toCount(renewed)}</td>
  </tr>`;
}
