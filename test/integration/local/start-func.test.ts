/** `npm run start:func`, with a stand-in for Core Tools: they are no package that carries itself. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';
import { FABRIKAM_LIVING_VAULTS } from '../../../local/seed/fabrikam/names.ts';
import { VAULTS } from '../../../local/seed/fleet.ts';
import { runCommand } from '../../support/command.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

jest.setTimeout(60_000);

const folder = temporaryFolder();
const settingsFile = path.join(repositoryRoot(), 'local.settings.json');
const wasThere = existsSync(settingsFile);
afterAll(() => {
  if (!wasThere) rmSync(settingsFile, { force: true });
});

const startFunc = (PATH: string, port = 0) =>
  runCommand(
    'start-func.ts',
    [
      ...['--port', String(port), '--azure-port', '0', '--storage-port', '0'],
      ...['--state', path.join(folder, 'state')],
    ],
    { PATH },
  );

test('who has no Core Tools is told how to get them, and what works without', async () => {
  const command = startFunc('/nowhere');
  expect(await command.ended).toEqual({ code: 127, signal: null });
  expect(command.output()).toContain('npm install --global azure-functions-core-tools@4');
  expect(command.output()).toContain('npm start');
});

/** Answers its version, or is the host: healthy, ready for events, and gone with 7 when it is told to. */
const CORE_TOOLS = (seen: string) => `#!${process.execPath}
const args = process.argv.slice(2);
if (args[0] === '--version') { console.log('4.0.0'); process.exit(0); }
const subscribed = [];
require('node:http').createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => (text += chunk)).on('end', () => {
    if (request.method !== 'POST') return response.end();
    subscribed.push(request.url);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ validationResponse: JSON.parse(text)[0].data.validationCode }));
  });
}).listen(Number(args[2]), '127.0.0.1');
process.on('SIGTERM', () => {
  const { env } = process;
  require('node:fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args, cwd: process.cwd(), env, subscribed }));
  process.exit(7);
});
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Of a server that listens on TCP.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('who has them gets the app beside the local Azure with its events, and their exit code', async () => {
  const seen = path.join(folder, 'seen.json');
  writeFileSync(path.join(folder, 'func'), CORE_TOOLS(seen), { mode: 0o755 });
  const port = await freePort();
  const command = startFunc(folder, port);
  await command.says(/Ctrl-C stops everything/);
  command.process.kill('SIGINT');
  expect(await command.ended).toEqual({ code: 7, signal: null });
  const { args, cwd, env, subscribed } = JSON.parse(readFileSync(seen, 'utf8')) as {
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly subscribed: readonly string[];
  };
  expect(args).toEqual(['start', '--port', String(port)]);
  expect(cwd).toBe(repositoryRoot());
  expect(env).toMatchObject({ FUNCTIONS_WORKER_RUNTIME: 'node' });
  expect(env['CERTKEEPER_LOCAL_AZURE']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(env['AzureWebJobsStorage']).toContain('devstoreaccount1');
  // Every vault under care that is still there tells it of new versions.
  expect(subscribed).toHaveLength(VAULTS.length + FABRIKAM_LIVING_VAULTS.length);
  expect(new Set(subscribed)).toEqual(
    new Set([expect.stringContaining('/runtime/webhooks/eventgrid?functionName=KeyVaultEvents')]),
  );
  expect(existsSync(settingsFile)).toBe(true);
});
