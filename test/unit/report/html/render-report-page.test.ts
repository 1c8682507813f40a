import {
  renderReportPage,
  reportPolicy,
} from '../../../../shared/report/html/render-report-page.ts';
import { makeReport } from '../../../support/audit/make-report.ts';

describe('the page of a report', () => {
  it('is the same for the same report', async () => {
    expect(await renderReportPage(makeReport())).toBe(await renderReportPage(makeReport()));
  });

  it('names no address but those of the portal and, out of sight, of its own app', async () => {
    const page = await renderReportPage(makeReport({ certificates: 60 }));
    const markup = page.slice(0, page.lastIndexOf('<script>'));
    const addresses = [...markup.matchAll(/(?:href|src|action)="([^"#]*)/g)].map(([, to]) => to);
    const others = addresses.filter(
      (to) => !/^\/api\/(dashboard$|audits\/[\w-]+\?)/.test(to ?? ''),
    );
    expect(new Set(others)).toEqual(new Set(['data:,', '', 'https://portal.azure.com/']));
    expect(page.match(/<nav class="in-app"[^>]*hidden/g)).toHaveLength(2);
  });

  it('stays small however many certificates there are', async () => {
    const page = await renderReportPage(makeReport({ certificates: 3_000 }));
    expect(page.length).toBeLessThan(1_000_000);
  });

  it('says in its head what its header says', async () => {
    const page = await renderReportPage(makeReport({ hostile: true }));
    const policy = reportPolicy(page);
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src /);
    expect(policy).toMatch(/; frame-ancestors 'none'$/);
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<title>'));
  });

  it('has no policy to send when it is no page', () => {
    expect(() => reportPolicy('{}')).toThrow(TypeError);
  });
});
