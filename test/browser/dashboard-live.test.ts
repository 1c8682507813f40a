/** The dashboard of a running system, in a real browser, while things happen. */
import { closeBrowser } from '../support/browser/open-browser.ts';
import { violationsOn } from '../support/browser/accessibility.ts';
import { markPage, openDashboard } from '../support/browser/dashboard.ts';
import { startAppUnderTest, type AppUnderTest } from '../support/system/app-under-test.ts';
import { makePfx } from '../support/system/openssl.ts';
import { cleanUpSystems, startTestSystem } from '../support/system/running-system.ts';

jest.setTimeout(180_000);

const ROLES = ['Certkeeper.Read', 'Certkeeper.Upload', 'Certkeeper.Manage'];
const SIGN_IN = { roles: ROLES, as: { name: 'Ada Lovelace', roles: ['Certkeeper.Manage'] } };

let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest({ signIn: SIGN_IN });
});
afterAll(async () => {
  await closeBrowser();
  await cleanUpSystems();
});

const bytesOf = (pfx: { readonly value: string }): Buffer => Buffer.from(pfx.value, 'base64');
const fileOf = (pfx: { readonly value: string }) => ({
  name: 'certificate.pfx',
  mimeType: 'application/x-pkcs12',
  buffer: bytesOf(pfx),
});

describe('the open dashboard', () => {
  it('shows a rotation that happens meanwhile, without being loaded anew', async () => {
    const { page, row, complaints } = await openDashboard(app.system);
    const isSame = await markPage(page);
    const pfx = makePfx('gateway-client.contoso.com');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    await row('gateway-client')
      .getByText(`${pfx.thumbprint.slice(0, 8)}…`)
      .waitFor();
    await row('gateway-client').getByText('same thumbprint').waitFor();
    expect(await isSame()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('keeps what somebody has opened and where they are, while rows change', async () => {
    const { page, row, button } = await openDashboard(app.system);
    await row('gateway-client').getByText('Details').click();
    await button('Plan contoso-kv/gateway-client').focus();
    const pfx = makePfx('gateway-client.contoso.com');
    await app.wire.importVersion('contoso-kv', 'gateway-client', pfx);
    // The full thumbprint stands among the details only: it can be seen, so they are open.
    await row('gateway-client').getByText(pfx.thumbprint).first().waitFor();
    expect(await page.locator(':focus').getAttribute('id')).toBe('plan-contoso-kv/gateway-client');
  });

  it('syncs when asked to, and says what came of it', async () => {
    const { button, told, complaints } = await openDashboard(app.system);
    await button('Sync contoso-kv/gateway-client').click();
    await told
      .getByText('contoso-kv/gateway-client: Every target holds the current version')
      .waitFor();
    await button('Sync contoso-kv/reports').click();
    await told.getByText('contoso-lab-gw has no managed identity').waitFor();
    expect(complaints).toEqual([]);
  });

  it('says what a sync would do, in words, and changes nothing', async () => {
    const { button, dialog } = await openDashboard(app.system);
    await button('Plan contoso-kv/gateway-client').click();
    await dialog.getByText('Holds the current version: nothing to do').waitFor();
    await dialog.getByText('A sync would change nothing.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await button('Plan contoso-kv/reports').click();
    await dialog.getByText('Cannot be brought up to date').waitFor();
    await dialog.getByText('contoso-lab-gw has no managed identity').waitFor();
  });

  it('audits when asked to, shows the headline, and lets a finding be acknowledged', async () => {
    const { page, button, dialog, told } = await openDashboard(app.system);
    await page.getByText('No audit has been made yet.').waitFor();
    await button('Audit now').click();
    await told.getByText('Audit: It is done').waitFor();
    await page.locator('#headline').waitFor();
    expect(await page.locator('.health').textContent()).toMatch(/Attention|Act now|Healthy/);

    await page.locator('#findings > summary').click();
    await page.getByRole('button', { name: 'Acknowledge' }).first().click();
    await dialog.getByRole('button', { name: 'Acknowledge' }).click();
    await dialog.getByText('Reason must be given.').waitFor();
    await dialog.getByLabel('Reason').fill('It is replaced <b>next</b> month.');
    await dialog.getByRole('button', { name: 'Acknowledge' }).click();
    await told.getByText('Acknowledged until').waitFor();
    await page.getByText('It is replaced <b>next</b> month.').waitFor();
  });

  it('goes on trying while nobody answers, keeps what it shows, and says how old that is', async () => {
    const { page, link, row } = await openDashboard(app.system);
    await link.getByText('Live').waitFor();
    const isSame = await markPage(page);
    const { stateDir, hostUrl, azureUrl } = app.system;
    await app.system.stop();
    await link.getByText('Certkeeper does not answer.').waitFor();
    await link.getByText(/What is shown is from .*, just now/).waitFor();
    expect(await row('gateway-client').count()).toBe(1);
    expect(await violationsOn(page)).toEqual([]);
    const again = { port: portOf(hostUrl), azurePort: portOf(azureUrl), stateDir };
    const system = await startTestSystem({ ...again, signIn: SIGN_IN });
    await link.getByText('Live').waitFor();
    expect(await isSame()).toBe(true);
    app = { ...app, system };
  });
});

describe('the upload of the dashboard', () => {
  it('says at the field what is wrong with it, and brings the certificate to its target', async () => {
    const { page, button, dialog, row, complaints } = await openDashboard(app.system);
    const pfx = makePfx('shop.contoso.com');
    await button('Upload').click();
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByText('File must be given.').waitFor();

    await dialog.getByLabel('File').setInputFiles(fileOf(pfx));
    await dialog.getByLabel('Password').fill('wrong');
    await dialog.getByLabel('Name').fill('shop');
    await dialog.getByLabel('Targets').fill('contoso-gw');
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByText('The password does not open the file').waitFor();
    expect(await dialog.getByLabel('Password').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator(':focus').getAttribute('id')).toBe('field-password');
    expect(await violationsOn(page)).toEqual([]);

    await dialog.getByLabel('Password').fill(pfx.password);
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByRole('progressbar').waitFor();
    await dialog.getByText('Every target holds the current version').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await row('shop').getByText('Verified', { exact: true }).waitFor();
    await row('shop').getByText('same thumbprint').waitFor();
    // The refused upload is an answer with an error, which a browser's console always tells of.
    expect(complaints.filter((one) => !one.includes('422'))).toEqual([]);
  });

  it('makes a new version of one that is there', async () => {
    const { button, dialog, row } = await openDashboard(app.system);
    const pfx = makePfx('gateway-client.contoso.com');
    await button('New version contoso-kv/gateway-client').click();
    await dialog.getByText('A new version of contoso-kv/gateway-client').waitFor();
    expect(await dialog.getByLabel('Name').isVisible()).toBe(false);
    await dialog.getByLabel('File').setInputFiles(fileOf(pfx));
    await dialog.getByLabel('Password').fill(pfx.password);
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByText('Every target holds the current version').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await row('gateway-client')
      .getByText(`${pfx.thumbprint.slice(0, 8)}…`)
      .waitFor();
  });

  it('says of a place that is not allowed that it is not, with what to do', async () => {
    const { button, dialog } = await openDashboard(app.system);
    const pfx = makePfx('nowhere.contoso.com');
    await button('Upload').click();
    await dialog.getByLabel('File').setInputFiles(fileOf(pfx));
    await dialog.getByLabel('Password').fill(pfx.password);
    await dialog.getByLabel('Name').fill('nowhere');
    await dialog.getByLabel('Targets').fill('fabrikam-gw');
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await dialog.getByText('fabrikam-gw').waitFor();
    expect(await dialog.getByLabel('Targets').getAttribute('aria-invalid')).toBe('true');
  });
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}
