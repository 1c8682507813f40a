/** The host in a project that is not this one: what docs/host.md says about it, done. */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../../local/repository.ts';
import { readFences } from '../../support/docs/read-documents.ts';
import { cleanUpHosts, startHostProcess } from '../../support/host/host-process.ts';

interface Manifest {
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const root = repositoryRoot();
const page = readFileSync(path.join(root, 'docs/host.md'), 'utf8');
const fences = readFences({ text: page });
let project: string;

beforeAll(() => {
  project = mkdtempSync(path.join(tmpdir(), 'another-project-'));
  cpSync(path.join(root, 'local/host'), path.join(project, 'host'), { recursive: true });
  for (const { text } of fences) {
    const [, name] = /^\/\/ (\S+\.js)\n/.exec(text) ?? [];
    if (name === undefined) continue;
    mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
    writeFileSync(path.join(project, name), text);
  }
  const manifest = fences.find(({ text }) => text.includes('"functions-host": "file:host"'));
  writeFileSync(path.join(project, 'package.json'), manifest?.text ?? '');
  install();
});
afterAll(async () => {
  await cleanUpHosts();
  rmSync(project, { recursive: true, force: true });
});

/** As npm would: a link for the folder, and only the packages that the host or the project names. */
function install(): void {
  const own = readManifest('package.json');
  const host = readManifest('host/package.json');
  const modules = path.join(project, 'node_modules');
  for (const name of Object.keys({ ...own.dependencies, ...host.dependencies })) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  symlinkSync('../host', path.join(modules, 'functions-host'));
}

function hostCommand(): string {
  return readManifest('host/package.json').bin?.['functions-host'] ?? '';
}

function readManifest(file: string): Manifest {
  // Both are written in this repository.
  return JSON.parse(readFileSync(path.join(project, file), 'utf8')) as Manifest;
}

test('the documented tests pass there', async () => {
  const line = commandsToldOf().find((one) => one.includes('--test')) ?? '';
  const [, ...args] = line.split(' ');
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project });
  expect(stdout).toMatch(/^. tests 3$/m);
  expect(stdout).toMatch(/^. pass 3$/m);
});

test.each([
  ['a host had it', `await (await startHost({ ...options })).stop();`, []],
  [
    'a kit had it',
    `await import('./src/app.js');`,
    ['--import', 'functions-host/test-kit/register'],
  ],
  [
    'a host had another',
    `await (await startHost({ ...options, appDir: 'host/examples/chaining', stateDir: '.other' })).stop();`,
    [],
  ],
])('an app that cannot be loaded in this process, for %s, says so', async (_why, first, args) => {
  const program = `
    import { startHost } from 'functions-host';
    const options = { appDir: '.', port: 0, stateDir: '.state' };
    ${first}
    await startHost(options).catch(({ code }) => console.log(code));
    process.exit();`;
  const all = [...args, '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, all, { cwd: project });
  expect(stdout).toBe('ALREADY_LOADED\n');
});

test('its command is there', async () => {
  const command = path.join(project, 'node_modules/functions-host', hostCommand());
  // As npm does for every `bin`.
  chmodSync(command, 0o755);
  const env = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}` };
  const { stdout, stderr } = await promisify(execFile)(command, ['--help'], { env });
  expect(stdout).toContain('--app DIR');
  expect(stderr).toBe('');
});

test('an example runs there', async () => {
  expect(commandsToldOf()).toContain('node host/main.ts --app .');
  const host = await startHostProcess({
    main: path.join(project, 'host/main.ts'),
    appDir: path.join(project, 'host/examples/chaining'),
  });
  const started = await fetch(`${host.url}/api/orchestrators/HelloSequence`, { method: 'POST' });
  expect(started.status).toBe(202);
  expect(await host.stop()).toBe(0);
});

function commandsToldOf(): readonly string[] {
  return fences.flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('node ')));
}
