/** The crash campaigns in their short form; `npm run test:resilience` runs longer ones. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(240_000);

const run = promisify(execFile);

/** @returns what the command printed; rejects when it ends with another code than 0 */
async function campaign(...args: readonly string[]): Promise<string> {
  const main = path.join(__dirname, 'main.ts');
  const options = { env: { ...process.env, CI: 'true' } };
  const all = ['--disable-warning=ExperimentalWarning', main, ...args];
  const { stdout } = await run(process.execPath, all, options).catch((error: unknown) => {
    // What it printed says which choices led there.
    throw new Error(String(Reflect.get(Object(error), 'stdout')), { cause: error });
  });
  return stdout;
}

test('the host loses no orchestration and does nothing by halves, however often it is killed', async () => {
  const said = await campaign('--only', 'engine', '--kills', '8', '--seed', '1');
  expect(said).toMatch(/^engine: seed 1\nengine: \d+ kills, \d+ orchestrations, /);
});

test('every target holds the current version in the end, however often the system is killed', async () => {
  const said = await campaign('--only', 'sync', '--kills', '3', '--seed', '1');
  expect(said).toMatch(/^sync: seed 1\nsync: \d+ kills, .* every target current\n$/);
});
