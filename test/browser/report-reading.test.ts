import type { AuditReport } from '../../shared/domain/audit/audit-report.ts';
import { makeReport } from '../support/audit/make-report.ts';
import { violationsOn } from '../support/browser/accessibility.ts';
import { closeBrowser, DESK, PHONE } from '../support/browser/open-browser.ts';
import { namesIn, openReport } from '../support/browser/open-report.ts';

afterAll(closeBrowser);

const report = makeReport();
const { changes: _, ...first } = report;
/** What the first audit of an empty estate writes. */
const nothing: AuditReport = {
  ...first,
  certificates: [],
  findings: [],
  scope: { vaults: [], services: [] },
  headline: {
    health: 'healthy',
    sentence: 'No certificates were seen.',
    certificates: 0,
    findings: { critical: 0, high: 0, medium: 0, low: 0 },
    acknowledged: 0,
    nextDates: [],
  },
};

describe('a report that is read', () => {
  it('begins with how things stand, how many findings there are, and what comes next', async () => {
    const { page } = await openReport(report);
    const headline = page.locator('.headline');
    expect(await headline.getByRole('heading', { level: 2 }).innerText()).toBe('Act now');
    expect(await headline.innerText()).toContain(report.headline.sentence);
    const counts = await headline.locator('.count').allInnerTexts();
    expect(counts[1]).toContain(String(report.headline.findings.critical));
    expect(await headline.locator('.next-dates li').count()).toBe(report.headline.nextDates.length);
  });

  it('tells what changed, and leads to it', async () => {
    const { page } = await openReport(report);
    await page.getByText('2 findings appeared').click();
    const [appeared] = report.findings;
    await page.locator('.change[open] a').first().click();
    await page.locator(`[id="${appeared?.id ?? ''}"]:focus`).waitFor();
  });

  it('draws when certificates expire, and says the same as a table', async () => {
    const { page } = await openReport(report);
    await page.locator('.chart-wide svg').waitFor();
    await page.getByText('The same as a table').click();
    expect(await page.getByRole('table', { name: /expire, by week/ }).count()).toBe(1);
  });

  it('keeps acknowledged findings apart, with why and until when', async () => {
    const { page } = await openReport(report);
    const known = page.locator('#acknowledged-list');
    expect(await known.locator('.finding').count()).toBe(report.headline.acknowledged);
    expect(await known.textContent()).toContain('until 31 Jan 2027');
    expect(await page.locator('#findings-list').textContent()).not.toContain('Acknowledged until');
  });

  it('says what could not be read', async () => {
    const { page } = await openReport(report);
    const scope = page.getByRole('region', { name: 'What was looked at' });
    expect(await scope.innerText()).toContain('Certkeeper may not read contoso-int.');
  });

  it('of nothing says so, everywhere', async () => {
    const { page, complaints } = await openReport(nothing);
    const text = await page.locator('main').innerText();
    for (const said of [
      'Healthy',
      'This is the first report',
      'Nothing expires in that time',
      'there are no findings',
      'No certificates were seen',
    ]) {
      expect(text).toContain(said);
    }
    expect(await page.getByRole('search').count()).toBe(0);
    expect(await violationsOn(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('a report without a script', () => {
  it('has headline, findings and the first certificates, and no button that does nothing', async () => {
    const { page } = await openReport(makeReport({ certificates: 300 }), {
      javaScriptEnabled: false,
    });
    await page.getByRole('heading', { name: 'Act now' }).waitFor();
    expect(await page.locator('.group').count()).toBeGreaterThan(30);
    await page.locator('.group:not([open]) summary').first().click();
    expect(await page.locator('.finding:visible').count()).toBeGreaterThan(0);
    expect((await namesIn(page)).length).toBeGreaterThan(90);
    expect(await page.getByText('These are the first of 300').isVisible()).toBe(true);
    expect(await page.locator('button:visible').count()).toBe(0);
  });
});

describe('a report on paper', () => {
  it('has everything: closed groups, all certificates, light, and no controls', async () => {
    const many = makeReport({ certificates: 300 });
    const { page } = await openReport(many, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('tr.certificate').count()).toBe(300);
    const open = many.findings.filter(({ acknowledged }) => acknowledged === undefined);
    expect(await page.locator('#findings-list .finding:visible').count()).toBe(open.length);
    expect(await page.locator('.change li:visible').count()).toBeGreaterThan(5);
    expect(
      await page.locator('button:visible:not(.fold, .sort), input:visible, select:visible').count(),
    ).toBe(0);
    expect(await backgroundOf(page, '.panel')).toBe('rgb(255, 255, 255)');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.emulateMedia({ media: 'screen' });
    expect(await page.locator('tr.certificate').count()).toBeLessThan(300);
  });
});

describe('how a report looks', () => {
  it.each([
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(22, 25, 29)'],
  ] as const)('follows a system that is %s', async (colorScheme, surface) => {
    const { page } = await openReport(report, { colorScheme });
    expect(await backgroundOf(page, '.panel')).toBe(surface);
  });

  it('turns dark by its button, and stays so', async () => {
    const { page } = await openReport(report);
    await page.getByRole('button', { name: 'Switch to dark colours' }).click();
    expect(await backgroundOf(page, '.panel')).toBe('rgb(22, 25, 29)');
    await page.reload();
    await page.getByRole('button', { name: 'Switch to light colours' }).waitFor();
    expect(await backgroundOf(page, '.panel')).toBe('rgb(22, 25, 29)');
  });

  it.each([false, true])(
    'never scrolls sideways on a phone (hostile texts: %s)',
    async (hostile) => {
      const { page } = await openReport(makeReport({ certificates: 40, hostile }), {
        viewport: PHONE,
      });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      await page.locator('[data-unfold]').first().click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    },
  );

  it.each([
    ['light at a desk', { viewport: DESK, colorScheme: 'light' }],
    ['dark at a desk', { viewport: DESK, colorScheme: 'dark' }],
    ['light on a phone', { viewport: PHONE, colorScheme: 'light' }],
    ['dark on a phone', { viewport: PHONE, colorScheme: 'dark' }],
  ] as const)('is accessible, %s, closed and open', async (_name, options) => {
    const { page } = await openReport(report, options);
    expect(await violationsOn(page)).toEqual([]);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    await page.locator('[data-unfold]').first().click();
    expect(await violationsOn(page)).toEqual([]);
  });
});

async function backgroundOf(
  page: Awaited<ReturnType<typeof openReport>>['page'],
  selector: string,
): Promise<string> {
  return await page
    .locator(selector)
    .first()
    .evaluate((element) => getComputedStyle(element).backgroundColor);
}
