/** A real browser, Chromium, in which a page is looked at as its readers do. */
import path from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Desk and phone, in CSS pixels. */
export const DESK = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

let browser: Promise<Browser> | undefined;

/**
 * Opens a page of its own: nothing of another one's cookies or storage is in it. Whatever the page
 * complains about, an error in its scripts, something that its Content-Security-Policy refuses, is in
 * `complaints`.
 */
export async function openPage(
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  browser ??= launch();
  const context = await (await browser).newContext({ viewport: DESK, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { page, complaints };
}

async function launch(): Promise<Browser> {
  const folder = process.env['CERTKEEPER_TEST_BROWSER'] ?? '';
  return await chromium.launch({
    executablePath: path.join(folder, 'chromium'),
    // Root may not use the sandbox, and in CI everybody is root.
    args: ['--no-sandbox', '--disable-gpu'],
    env: { ...process.env, LD_LIBRARY_PATH: path.join(folder, 'al2023', 'lib') },
  });
}

/** For `afterAll`. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
