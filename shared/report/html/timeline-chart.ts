/** The timeline as SVG, drawn without a browser. The colours are those of the page. */
import { BarChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { Html } from '../../pages/html.ts';
import { toDayOfYear } from './format.ts';
import type { Timeline } from './timeline.ts';

use([BarChart, GridComponent, SVGRenderer]);

const SERIES = [
  { of: 'byHand', color: 'var(--high-bar)' },
  { of: 'renewed', color: 'var(--quiet-bar)' },
] as const;

/** @param labelEach a label under each so many weeks */
export function drawTimeline(
  { weeks }: Timeline,
  { width, height, labelEach }: { width: number; height: number; labelEach: number },
): Html {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      grid: { left: 36, right: 8, top: 10, bottom: 22 },
      xAxis: {
        type: 'category',
        data: weeks.map(({ from }) => toDayOfYear(from)),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: 'var(--line-strong)' } },
        axisLabel: {
          color: 'var(--text-quiet)',
          interval: (at: number) => at % labelEach === 0,
          hideOverlap: false,
        },
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        splitNumber: 3,
        axisLabel: { color: 'var(--text-quiet)' },
        splitLine: { lineStyle: { color: 'var(--line)' } },
      },
      series: SERIES.map(({ of, color }) => ({
        type: 'bar',
        stack: 'expirations',
        silent: true,
        emphasis: { disabled: true },
        barCategoryGap: '25%',
        barMaxWidth: 22,
        itemStyle: { color },
        data: weeks.map((week) => week[of]),
      })),
    });
    return new Html(toPlainSvg(chart.renderToSVGString()));
  } finally {
    chart.dispose();
  }
}

/**
 * Without what the page's policy forbids (styles; the page has its own for texts in it) and what
 * only ECharts in a browser would read. Beside these it holds numbers and days.
 */
function toPlainSvg(svg: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:style|class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace('<svg ', '<svg aria-hidden="true" focusable="false" ');
}
