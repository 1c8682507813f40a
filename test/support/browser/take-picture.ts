/**
 * `npm run docs:picture`: the picture of the dashboard in the README, of the fleet that `npm start`
 * makes, on free ports and in a folder of its own.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';
import { startSystem } from '../../../local/system.ts';
import { eventually } from '../eventually.ts';
import { closeBrowser, openPage } from './open-browser.ts';

const PICTURE = path.join(repositoryRoot(), 'docs', 'images', 'dashboard.png');
const SIZE = { width: 1280, height: 860 };

// The suites' own set-up, which is CommonJS for Jest's sake.
const setUp = createRequire(import.meta.url)('./global-setup.cjs') as (of: {
  readonly rootDir: string;
}) => void;
setUp({ rootDir: repositoryRoot() });

const stateDir = mkdtempSync(path.join(tmpdir(), 'certkeeper-picture-'));
const system = await startSystem({
  ...{ port: 0, azurePort: 0, storagePort: 0, stateDir },
  fleet: 'whole',
});
try {
  const api = async (route: string, method = 'GET'): Promise<unknown> =>
    (await fetch(`${system.hostUrl}/api${route}`, { method, headers: system.headers })).json();
  const run = async (what: string, id: string): Promise<void> => {
    await api(what, 'POST');
    await eventually(
      // An operation as docs/http-api.md has it.
      async () => ((await api(`/operations/${id}`)) as { readonly state?: string }).state,
      (state) => state !== 'running' && state !== 'pending',
      120_000,
    );
  };
  await run('/sweeps', 'sweep');
  await run('/audits', 'audit');
  const { page } = await openPage({ viewport: SIZE, colorScheme: 'light' });
  await page.goto(`${system.hostUrl}/api/dashboard`);
  await page.getByText('Made just now').waitFor();
  await page.getByRole('row').nth(3).waitFor();
  mkdirSync(path.dirname(PICTURE), { recursive: true });
  await page.screenshot({ path: PICTURE, animations: 'disabled' });
  process.stdout.write(`${path.relative(repositoryRoot(), PICTURE)} is written.\n`);
} finally {
  await closeBrowser();
  await system.stop();
  rmSync(stateDir, { recursive: true, force: true });
}
