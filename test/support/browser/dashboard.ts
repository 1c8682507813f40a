/** The dashboard as somebody sees it who has it open. */
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { openPage } from './open-browser.ts';
import type { RunningSystem } from '../system/running-system.ts';

export type OpenDashboard = Awaited<ReturnType<typeof openDashboard>>;

/** Opens the dashboard of a running system. */
export async function openDashboard(
  { hostUrl }: Pick<RunningSystem, 'hostUrl'>,
  { path = '/api/dashboard', ...options }: BrowserContextOptions & { readonly path?: string } = {},
) {
  const { page, complaints } = await openPage(options);
  await page.goto(`${hostUrl}${path}`);
  return { page, complaints, ...partsOf(page) };
}

/** Where things are on the page, by what a person, or a screen reader, calls them. */
export function partsOf(page: Page) {
  return {
    row: (name: string): Locator =>
      page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) }),
    button: (name: string): Locator => page.getByRole('button', { name, exact: true }),
    dialog: page.getByRole('dialog'),
    /** What came of what was asked for. */
    told: page.getByRole('log'),
    /** How the connection is. */
    link: page.locator('#link'),
  };
}

/**
 * Notes the page as it is now. What it answers says whether it is still the same page: one that is
 * loaded anew has forgotten.
 */
export async function markPage(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => {
    Reflect.set(globalThis, 'marked', true);
  });
  return () => page.evaluate(() => Reflect.get(globalThis, 'marked') === true);
}
