import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderReportPage } from '../../shared/report/html/render-report-page.ts';
import { readCsv, withoutGuards } from '../support/audit/read-csv.ts';
import { makeReport } from '../support/audit/make-report.ts';
import { HOSTILE_TEXTS } from '../support/audit/hostile-texts.ts';
import { violationsOn } from '../support/browser/accessibility.ts';
import { closeBrowser, openPage } from '../support/browser/open-browser.ts';
import { openReport } from '../support/browser/open-report.ts';

afterAll(closeBrowser);

describe('a report full of texts that mean harm', () => {
  it('shows them as texts, wherever it shows any, and does nothing of what they say', async () => {
    const report = makeReport({ certificates: 60, hostile: true });
    const { page, complaints, requests } = await openReport(report);
    const title = await page.title();
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    for (const button of await page.locator('[data-unfold]').all()) await button.click();
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const text = (await page.locator('main').textContent()) ?? '';
    for (const harm of HOSTILE_TEXTS.slice(0, 6)) expect(text).toContain(harm);
    expect(await page.title()).toBe(title);
    expect(await page.locator('main img, main script, main iframe, main [onerror]').count()).toBe(
      0,
    );
    const links = await page
      .locator('a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    for (const link of links) {
      expect(link).toMatch(
        /^#|^https:\/\/portal\.azure\.com\/#resource\/|^\/api\/(dashboard|audits\/[\w-]+)/,
      );
    }
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await violationsOn(page)).toEqual([]);
  });

  it.each(HOSTILE_TEXTS.slice(0, 6))('finds %p and chooses it', async (harm) => {
    const report = makeReport({ certificates: 60, hostile: true });
    const { page, complaints } = await openReport(report);
    const title = await page.title();
    await page.getByRole('searchbox').fill(harm);
    await page.locator('tr.certificate').first().waitFor();
    expect(await page.title()).toBe(title);
    expect(complaints).toEqual([]);
  });

  it.each(['#"><img src=x onerror=alert(1)>', '#%E0%A4%A', '#__proto__'])(
    'does nothing at the address %s',
    async (hash) => {
      const { page, complaints } = await openReport(makeReport(), { hash });
      expect(await page.locator('img').count()).toBe(0);
      expect(complaints).toEqual([]);
    },
  );
});

/** What a spreadsheet may take for more than text: at the beginning, after whatever is not seen. */
const RUNS = /^[\p{Z}\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;

describe('a table that is fetched from the page', () => {
  it.each([
    ['CSV of certificates', 'certificates', 'rotationSeconds'],
    ['CSV of findings', 'findings', undefined],
  ] as const)('holds no formula, and numbers stay numbers: %s', async (link, what, numbers) => {
    const report = makeReport({ certificates: 60, hostile: true });
    const { page, complaints } = await openReport(report);
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: link }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`${what}-${report.id}.csv`);
    const [header = [], ...rows] = readCsv(await readFile(await download.path(), 'utf8'));
    expect(rows).toHaveLength(report[what].length);
    for (const row of rows) expect(row).toHaveLength(header.length);
    expect(rows.flat().filter((cell) => RUNS.test(cell))).toEqual([]);
    // It was there to be run: what is guarded is the harm itself.
    const texts = rows.flat().map(withoutGuards);
    for (const harm of HOSTILE_TEXTS.filter((text) => RUNS.test(text))) {
      expect(texts).toContain(withoutGuards(harm));
    }
    const column = numbers === undefined ? -1 : header.indexOf(numbers);
    expect(column === -1 ? [] : rows.map((row) => row[column])).toEqual(
      column === -1
        ? []
        : report.certificates.map(({ rotationSeconds }) => String(rotationSeconds ?? '')),
    );
    expect(complaints).toEqual([]);
  });
});

describe('the links of a report', () => {
  it('lead into the app that it was read from', async () => {
    const { page } = await openReport(makeReport());
    const { id } = makeReport();
    const hrefs = await page
      .locator('.in-app a:visible')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(hrefs).toEqual([
      '/api/dashboard',
      '/api/dashboard#earlier',
      ...['json', 'csv', 'findings-csv', 'md'].map((form) => `/api/audits/${id}?format=${form}`),
    ]);
  });

  it('take the key along that the report was opened with', async () => {
    const { page } = await openReport(makeReport(), { query: '?code=k%26y' });
    const { id } = makeReport();
    const to = async (name: string) => {
      const link = page.getByRole('link', { name });
      return await link.evaluate(({ pathname, search, hash }: HTMLAnchorElement) =>
        [pathname, search, hash].join(''),
      );
    };
    expect(await to('Earlier reports')).toBe('/api/dashboard?code=k%26y#earlier');
    expect(await to('Markdown')).toBe(`/api/audits/${id}?format=md&code=k%26y`);
  });

  it('are not there in a file that somebody saved', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'certkeeper-report-'));
    const file = path.join(folder, 'report.html');
    await writeFile(file, await renderReportPage(makeReport()));
    const { page, complaints } = await openPage();
    await page.goto(pathToFileURL(file).href);
    await page.locator('html[data-live]').waitFor({ state: 'attached' });
    expect(await page.locator('.in-app a:visible').count()).toBe(0);
    expect(complaints).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('the policy of a report', () => {
  const inject = (markup: string) => (html: string) => html.replace('</main>', `${markup}</main>`);

  it.each([
    ['a script', '<script>document.title="owned"</script>'],
    ['a handler', '<img src="data:," onerror=document.title="owned" alt="">'],
    ['a script from elsewhere', '<script src="https://evil.example/x.js"></script>'],
    ['a style', '<style>main{display:none}</style>'],
    ['a picture from elsewhere', '<img src="https://evil.example/x.png" alt="">'],
    ['a frame', '<iframe src="https://evil.example/" title="x"></iframe>'],
    ['another base', '<base href="https://evil.example/">'],
  ])('stops %s, should one get into the page after all', async (_, markup) => {
    const { page, complaints, requests } = await openReport(makeReport(), {
      change: inject(markup),
    });
    await page.waitForFunction(() => document.readyState === 'complete');
    expect(complaints.join()).toMatch(/Content Security Policy/);
    expect(requests).toEqual([]);
    expect(await page.title()).not.toBe('owned');
    expect(await page.locator('main').isVisible()).toBe(true);
  });

  it('lets nobody ask another server, and makes no markup of a mere text', async () => {
    const { page, requests } = await openReport(makeReport());
    const outcomes = await page.evaluate(async () => {
      const asked = await fetch('https://evil.example/').then(
        () => 'answered',
        () => 'refused',
      );
      try {
        document.body.innerHTML = '<b>x</b>';
        return [asked, 'made'];
      } catch {
        return [asked, 'refused'];
      }
    });
    expect(outcomes).toEqual(['refused', 'refused']);
    expect(requests).toEqual([]);
  });

  it('stands in the page too, which may be a file that came without a header', async () => {
    const { page, complaints } = await openReport(makeReport(), {
      change: inject('<script>document.title="owned"</script>'),
      asFile: true,
    });
    expect(complaints.join()).toMatch(/Content Security Policy/);
    expect(await page.title()).not.toBe('owned');
  });
});
