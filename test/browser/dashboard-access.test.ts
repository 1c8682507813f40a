/** Who gets to the dashboard of a running system, and how: in both modes of `CERTKEEPER_AUTH`. */
import path from 'node:path';
import { openDashboard, partsOf } from '../support/browser/dashboard.ts';
import { closeBrowser, openPage } from '../support/browser/open-browser.ts';
import { violationsOn } from '../support/browser/accessibility.ts';
import { readFilesBelow } from '../support/system/files-below.ts';
import { cleanUpSystems, startTestSystem } from '../support/system/running-system.ts';

jest.setTimeout(180_000);
afterAll(async () => {
  await closeBrowser();
  await cleanUpSystems();
});

describe('with function keys', () => {
  it('the door takes the key, everything works with it, and it stands in no log', async () => {
    const system = await startTestSystem({ keys: 'required' });
    const { hostUrl, headers, stateDir } = system;
    const key = headers['x-functions-key'] ?? '';
    expect((await fetch(`${hostUrl}/api/dashboard`)).status).toBe(401);

    const { page } = await openPage();
    const { button, told } = partsOf(page);
    await page.goto(`${hostUrl}/api/dashboard/open`);
    await page.getByLabel('Function key').fill(key);
    await button('Open').click();
    await page.getByText('You hold a function key.').waitFor();
    await button('Sync contoso-kv/gateway-client').click();
    await told.getByText('Every target holds the current version').waitFor();
    await button('Audit now').click();
    await told.getByText('Audit: It is done').waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Read the report' }).click();
    expect((await saved).suggestedFilename()).toBe('certkeeper-report.html');

    await page.reload();
    await page.getByLabel('Function key').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    const logs = readFilesBelow(path.join(stateDir, 'logs'));
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.filter(({ content }) => content.includes(key))).toEqual([]);
  });
});

describe('with a sign-in in front', () => {
  it('asks who is not signed in to sign in, and comes back to the dashboard', async () => {
    const roles = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'];
    const { page, button } = await openDashboard(await startTestSystem({ signIn: { roles } }));
    await page.getByText('You are not signed in').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('link', { name: 'Sign in' }).click();
    for (const role of ['Certkeeper.Upload', 'Certkeeper.Manage']) {
      await page.getByLabel(role).uncheck();
    }
    await page.getByRole('button').first().click();
    await page.getByText('You may look. Changes take the app role').waitFor();
    expect(await button('Upload').count()).toBe(0);
  });
});
