/** How scripts/run.mjs passes on signals and exit codes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { repositoryRoot } from '../../../local/repository.ts';

jest.setTimeout(60_000);

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'run '));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const FREE = ['--port', '0', '--azure-port', '0', '--storage-port', '0', '--no-demo'];

function run(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['scripts/run.mjs', ...args], {
    cwd: repositoryRoot(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** The port of the app, once it is ready. */
async function ready(child: ChildProcess): Promise<number> {
  let text = '';
  return await new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = /^Ready: app http:\/\/127\.0\.0\.1:(\d+)/m.exec(text);
      if (found !== null) resolve(Number(found[1]));
    });
    child.once('close', () => reject(new Error(`It ended:\n${text}`)));
  });
}

const closed = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', (code) => resolve(code)));

async function isListening(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the command cleanly', async (signal) => {
  const child = run('start', ...FREE, '--state', stateDir);
  const port = await ready(child);
  child.kill(signal);
  expect(await closed(child)).toBe(0);
  expect(await isListening(port)).toBe(false);
});

test('the command does not outlive it', async () => {
  const child = run('start', ...FREE, '--state', stateDir);
  const port = await ready(child);
  child.kill('SIGKILL');
  // The command holds the other end of the output: it closes when the command has ended.
  await closed(child);
  expect(await isListening(port)).toBe(false);
});

test("the command's exit code is passed on", async () => {
  const child = run('start', '--no-such-option');
  expect(await closed(child)).toBe(2);
});

test('a command that does not exist is refused', async () => {
  expect(await closed(run('strat'))).toBe(2);
});

test('what the host is given is looked for where npm was called', async () => {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'host', '--app', 'nowhere'], {
    cwd: repositoryRoot(),
    // As npm has it: scripts run in the package's folder.
    env: { ...process.env, INIT_CWD: stateDir },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  expect(await text(child.stderr)).toContain(
    `There is no folder ${path.join(realpathSync(stateDir), 'nowhere')}.`,
  );
});
