import { violationsOn } from '../support/browser/accessibility.ts';
import { closeBrowser, openPage } from '../support/browser/open-browser.ts';

afterAll(closeBrowser);

describe('the browser of the suites', () => {
  it('runs scripts, reports their errors, and sees what axe objects to', async () => {
    const { page, complaints } = await openPage();
    await page.setContent(
      '<!doctype html><html lang="en"><title>T</title><main><h1>H</h1><img src="data:,"><script>nothing()</script></main></html>',
    );
    expect(complaints).toEqual([expect.stringContaining('nothing is not defined')]);
    expect(await violationsOn(page)).toEqual([expect.stringContaining('image-alt')]);
  });
});
