/** To whom the dashboard shows what, and what harm text may not do. */
import { HOSTILE_TEXTS } from '../support/audit/hostile-texts.ts';
import { makeReport } from '../support/audit/make-report.ts';
import { violationsOn } from '../support/browser/accessibility.ts';
import { partsOf } from '../support/browser/dashboard.ts';
import {
  bound,
  FULL,
  many,
  openWorld,
  range,
  record,
} from '../support/browser/dashboard-worlds.ts';
import { closeBrowser, openPage } from '../support/browser/open-browser.ts';
import {
  DASHBOARD,
  serveDashboard,
  type DashboardWorld,
} from '../support/browser/serve-dashboard.ts';
import { PROBLEM } from '../support/domain-samples.ts';

jest.setTimeout(120_000);
afterAll(closeBrowser);

describe('who may not', () => {
  it('sees no button that is not theirs', async () => {
    const reader = { kind: 'entra', id: '0', name: 'Rita', roles: ['Certkeeper.Read'] } as const;
    const { page, row } = await openWorld({ ...FULL, caller: reader });
    await row('c00000').waitFor();
    await page.locator('#findings > summary').click();
    const buttons = await page.getByRole('button').allTextContents();
    expect(buttons.map((text) => text.trim())).toEqual(['Dark', 'Show']);
    await page.getByText('Changes take the app role Certkeeper.Upload.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });

  it('may sync and upload with the role for it, and not acknowledge', async () => {
    const caller = { kind: 'entra', id: '0', roles: ['Certkeeper.Upload'] } as const;
    const { page, button } = await openWorld({ ...FULL, caller });
    await page.locator('#findings > summary').click();
    expect(await button('Upload').count()).toBe(1);
    expect(await button('Acknowledge').count()).toBe(0);
  });
});

describe('the door', () => {
  const KEYED: DashboardWorld = {
    ...FULL,
    key: 'k-the-key',
    withDoor: true,
    caller: { kind: 'function-key' },
  };

  it('takes a key that then stands in no address, and asks with it', async () => {
    const { page, complaints } = await openPage();
    const served = await serveDashboard(page, KEYED);
    await page.goto(`${DASHBOARD}/open?status=blocked`);
    expect(await violationsOn(page)).toEqual([]);
    await page.getByLabel('Function key').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The key is not accepted.').waitFor();
    await page.getByLabel('Function key').fill('k-the-key');
    await page.keyboard.press('Enter');
    await page.getByText('You hold a function key.').waitFor();
    await partsOf(page).link.getByText('Live').waitFor();
    expect(served.answered.join()).not.toContain('k-the-key');
    expect(page.url()).toBe(`${DASHBOARD}/open?status=blocked`);
    expect(await page.content()).not.toContain('k-the-key');
    expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toContain(
      'k-the-key',
    );
    expect(complaints.filter((one) => !one.includes('401'))).toEqual([]);
  });

  it('takes a key out of the address that the page was opened with', async () => {
    const { page } = await openPage();
    const served = await serveDashboard(page, KEYED);
    await page.goto(`${DASHBOARD}?code=k-the-key&q=c0000`);
    await page.getByText('You hold a function key.').waitFor();
    await page.waitForURL(`${DASHBOARD}/open?q=c0000`);
    await page.waitForFunction(() => !document.documentElement.outerHTML.includes('k-the-key'));
    expect(served.answered.slice(1).join()).not.toContain('k-the-key');
  });

  it('shows the earlier reports to who comes from a report with a key in its address', async () => {
    const { page } = await openPage();
    await serveDashboard(page, { ...FULL, ...KEYED });
    await page.goto(`${DASHBOARD}?code=k-the-key#earlier`);
    await page.waitForFunction(() => !document.documentElement.outerHTML.includes('k-the-key'));
    await page.locator('#earlier').getByRole('link').waitFor();
  });

  it('lets who has no JavaScript go on reading with the key in the address', async () => {
    const { page } = await openPage({ javaScriptEnabled: false });
    await serveDashboard(page, { ...KEYED, ...many(120) });
    await page.goto(`${DASHBOARD}?code=k-the-key`);
    await page.getByRole('link', { name: 'Next' }).click();
    await range(page, '51 to 100 of 120 certificates').waitFor();
  });
});

describe('text that means harm', () => {
  it.each(HOSTILE_TEXTS.map((text) => [text.slice(0, 60), text]))(
    'is only text on the dashboard: %j',
    async (_, text) => {
      // Neither a vault nor a name can hold a slash, by which a source is taken apart.
      const source = { vault: text.replaceAll('/', ''), name: text.replaceAll('/', '') };
      const { page, complaints } = await openWorld({
        records: [
          record('a', {
            source,
            thumbprint: text,
            problems: [{ ...PROBLEM, message: text, cure: text }],
          }),
        ],
        bindings: [
          bound('a', {
            source,
            target: { kind: 'client-certificate', service: text, id: text },
            targetThumbprint: text,
            problem: { ...PROBLEM, message: text, cure: text },
          }),
        ],
        caller: { kind: 'entra', id: text, name: text, roles: ['Certkeeper.Manage'] },
        running: { 'sync-0123456789abcdef0123': text },
      });
      await page.locator('#rows').waitFor();
      expect(await page.title()).toBe('Certkeeper');
      expect(complaints).toEqual([]);
      // Nothing that was brought along became an element of the page.
      expect(await page.locator('img, [onerror], iframe, a[href^="javascript"]').count()).toBe(0);
      expect(await page.locator('script').count()).toBe(1);
    },
  );

  it('is only text in the headline and the findings of an audit', async () => {
    const { page, complaints } = await openWorld({
      ...many(1),
      report: makeReport({ hostile: true }),
    });
    await page.locator('#findings > summary').click();
    await page.getByRole('button', { name: 'Acknowledge' }).first().click();
    expect(await page.title()).toBe('Certkeeper');
    expect(complaints).toEqual([]);
    expect(await page.locator('img, [onerror], iframe').count()).toBe(0);
  });
});
