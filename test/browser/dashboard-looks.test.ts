/** What the dashboard shows, however much or little there is, and whatever happens to it. */
import type { BrowserContextOptions } from 'playwright-core';
import { violationsOn } from '../support/browser/accessibility.ts';
import {
  bound,
  FULL,
  many,
  openWorld,
  range,
  record,
} from '../support/browser/dashboard-worlds.ts';
import { closeBrowser, openPage, PHONE } from '../support/browser/open-browser.ts';
import { DASHBOARD, serveDashboard } from '../support/browser/serve-dashboard.ts';
import { PROBLEM } from '../support/domain-samples.ts';

jest.setTimeout(120_000);
afterAll(closeBrowser);

describe('a dashboard with something on it', () => {
  it.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['at phone width', { viewport: PHONE }],
  ] satisfies [string, BrowserContextOptions][])(
    '%s, gives axe nothing to object to, and nothing sticks out',
    async (_, options) => {
      const { page, complaints } = await openWorld(FULL, options);
      await page.locator('#findings > summary').click();
      await page.locator('#earlier-reports > summary').click();
      expect(await violationsOn(page)).toEqual([]);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wide).toBe(0);
      expect(complaints).toEqual([]);
    },
  );

  it('says what is running, with its step', async () => {
    const { page } = await openWorld(FULL);
    const running = page.locator('#operations');
    expect(await running.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/Sync\s+contoso-kv\/gateway-client\s+Reading the vault/),
      expect.stringMatching(/Sweep\s+Looking at contoso-gw/),
    ]);
  });

  it('shows the earlier reports to who comes from a report to see them', async () => {
    const { page } = await openWorld(FULL, { query: '#earlier' });
    const earlier = page.locator('#earlier').getByRole('link');
    expect(await earlier.isVisible()).toBe(true);
    expect(await earlier.getAttribute('href')).toBe('/api/audits/20261127T020000Z-000000');
    await page.locator('#earlier-reports > summary').click();
    expect(await earlier.isVisible()).toBe(false);
  });

  it('says of each certificate what is in the way, and what to do', async () => {
    const problem = { ...PROBLEM, cure: 'Ask again: az rest --method get --url x' };
    const { row } = await openWorld({
      records: [record('a'), record('b')],
      bindings: [
        bound('a', { status: 'blocked', problem, targetThumbprint: 'C'.repeat(40) }),
        bound('b'),
      ],
    });
    await row('a').getByText(PROBLEM.message).waitFor();
    await row('a').locator('code', { hasText: 'az rest --method get' }).waitFor();
    await row('a').getByText('holds CCCCCCCC…').waitFor();
    await row('b').getByText('same thumbprint').waitFor();
    await row('b')
      .getByText(/^in [67] days$/)
      .waitFor();
  });

  it('offers to approve what is held, and nothing else', async () => {
    const { page, button } = await openWorld({
      records: [record('a'), record('b')],
      bindings: [
        bound('a', { status: 'blocked', problem: { ...PROBLEM, code: 'VERSION_HELD' } }),
        bound('b'),
      ],
    });
    expect(await button('Approve contoso-kv/a').count()).toBe(1);
    expect(await button('Approve contoso-kv/b').count()).toBe(0);
    const asked = page.waitForRequest('**/approve');
    page.once('dialog', (dialog) => void dialog.accept());
    await button('Approve contoso-kv/a').click();
    expect((await asked).postDataJSON()).toEqual({ version: 'v2' });
  });

  it.each(['Upload', 'Plan contoso-kv/c00000', 'New version contoso-kv/c00000'])(
    'gives axe nothing to object to in what %s opens, nor on a phone in the dark',
    async (name) => {
      const { page, button, dialog } = await openWorld(FULL, {
        viewport: PHONE,
        colorScheme: 'dark',
      });
      await button(name).click();
      await dialog.getByRole('button', { name: 'Close' }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
    },
  );

  it('can be worked with the keyboard alone', async () => {
    const { page, dialog } = await openWorld(FULL);
    const focused = () => page.locator(':focus').getAttribute('id');
    const seen: (string | null)[] = [];
    for (let at = 0; at < 12 && !seen.includes('upload'); at += 1) {
      await page.keyboard.press('Tab');
      seen.push(await focused());
    }
    expect(seen).toContain('audit-now');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('File').waitFor();
    expect(await focused()).toBe('field-file');
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
    expect(await focused()).toBe('upload');
  });
});

describe('a dashboard of ten thousand certificates', () => {
  it('shows the gravest first, a page at a time, and finds what is searched for', async () => {
    const { page, complaints } = await openWorld(many(10_000));
    const names = () => page.locator('#rows .name').allTextContents();
    expect((await names()).slice(0, 2)).toEqual(['c00007', 'c01007']);
    expect(await page.locator('#range').textContent()).toBe('1 to 50 of 10,000 certificates');
    await page.getByRole('link', { name: 'Next' }).click();
    await range(page, '51 to 100 of 10,000 certificates').waitFor();
    await page.goBack();
    await range(page, '1 to 50 of 10,000 certificates').waitFor();

    await page.getByRole('link', { name: /Blocked/ }).click();
    await range(page, '1 to 10 of 10 certificates').waitFor();
    await page.getByLabel('Search').fill('c0900');
    await range(page, '1 to 1 of 1 certificate').waitFor();
    expect(await names()).toEqual(['c09007']);
    // What is being typed stays where it is, and the address can be shared.
    expect(await page.locator(':focus').getAttribute('id')).toBe('q');
    expect(new URL(page.url()).search).toBe('?q=c0900&sort=status&status=blocked');
    expect(complaints).toEqual([]);
  });

  it('can be searched and paged without JavaScript', async () => {
    const { page } = await openWorld(many(10_000), { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Next' }).click();
    await range(page, '51 to 100 of 10,000 certificates').waitFor();
    await page.getByLabel('Search').fill('c0900');
    await page.getByRole('button', { name: 'Show' }).click();
    await range(page, '1 to 10 of 10 certificates').waitFor();
    expect(await page.locator('noscript .notice').isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Upload' }).isDisabled()).toBe(true);
  });
});

describe('a dashboard with nothing on it', () => {
  it('says what to do first', async () => {
    const { page } = await openWorld({});
    await page.getByText('No certificate is bound to anything yet.').waitFor();
    await page.getByText('certkeeper-targets = contoso-gw').waitFor();
    await page.getByText('No audit has been made yet.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });

  it('says that nothing fits a search', async () => {
    const { page } = await openWorld(many(3), { query: '?q=nothing-like-it' });
    await page.getByText('No certificate fits.').waitFor();
  });
});

describe('a dashboard that cannot be read', () => {
  it('says what is wrong in place of the page, and comes back', async () => {
    const { page } = await openPage();
    const served = await serveDashboard(page, FULL);
    served.trouble = 'storage';
    await page.goto(DASHBOARD, { waitUntil: 'commit' });
    await page.getByText('The storage of the ledger does not answer.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });

  it('keeps what it shows while the ledger cannot be read, and says so', async () => {
    const { served, link, row } = await openWorld(FULL);
    served.trouble = 'storage';
    await link.getByText('Certkeeper cannot say just now how things stand.').waitFor();
    expect(await row('c00000').count()).toBe(1);
    served.trouble = 'none';
    await link.getByText('Live').waitFor();
  });

  it('offers to sign in again when the session has ended', async () => {
    const { served, link, page } = await openWorld(FULL, { query: '?status=blocked' });
    served.trouble = 'signed-out';
    await link.getByText('You are signed out.').waitFor();
    const href = await page.getByRole('link', { name: 'Sign in' }).getAttribute('href');
    expect(href).toBe(
      '/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fdashboard%3Fstatus%3Dblocked',
    );
  });

  it('asks nothing while nothing has changed but whether it has', async () => {
    const { served, link } = await openWorld(many(3));
    await link.getByText('Live').waitFor();
    const asked = () => served.answered.filter((one) => one.includes('/live'));
    while (asked().length < 3) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked().slice(0, 3)).toEqual([
      'GET /api/dashboard/live 200',
      'GET /api/dashboard/live 304',
      'GET /api/dashboard/live 304',
    ]);
  });
});
