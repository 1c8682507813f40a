/** `npm run start:func`, with a stand-in for Core Tools: they are no package that carries itself. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const settingsFile = path.join(repositoryRoot(), 'local.settings.json');
const wasThere = existsSync(settingsFile);
afterAll(() => {
  if (!wasThere) rmSync(settingsFile, { force: true });
});

async function startFunc(PATH: string) {
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', 'local/start-func.ts', '--port', '0'],
      ...['--azure-port', '0', '--storage-port', '0', '--state', path.join(folder, 'state')],
    ],
    { cwd: repositoryRoot(), env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

test('who has no Core Tools is told how to get them, and what works without', async () => {
  const { code, output } = await startFunc('/nowhere');
  expect(code).toBe(127);
  expect(output).toContain('npm install --global azure-functions-core-tools@4');
  expect(output).toContain('npm start');
});

test('who has them gets the app beside the local Azure, and their exit code', async () => {
  const seen = path.join(folder, 'seen.json');
  // Answers its version, then notes what it was started with and ends.
  writeFileSync(
    path.join(folder, 'func'),
    `#!${process.execPath}
const args = process.argv.slice(2);
if (args[0] === '--version') { console.log('4.0.0'); process.exit(0); }
require('node:fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args, cwd: process.cwd(), env: process.env }));
process.exit(7);
`,
    { mode: 0o755 },
  );
  const { code, output } = await startFunc(folder);
  expect({ code, output }).toMatchObject({ code: 7 });
  const { args, cwd, env } = JSON.parse(readFileSync(seen, 'utf8')) as {
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  };
  expect(args).toEqual(['start', '--port', '0']);
  expect(cwd).toBe(repositoryRoot());
  expect(env).toMatchObject({ FUNCTIONS_WORKER_RUNTIME: 'node' });
  expect(env['CERTKEEPER_LOCAL_AZURE']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(env['AzureWebJobsStorage']).toContain('devstoreaccount1');
  expect(existsSync(settingsFile)).toBe(true);
});
