/**
 * What every npm script begins with, in a copy of the repository's machinery below a path with
 * blanks, with a stand-in for npm that only counts and links.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';

jest.setTimeout(60_000);

const root = repositoryRoot();
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Installs by linking; fails when a file `broken` lies beside package.json. */
const NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync('broken')) {
  console.error('npm warn EBADENGINE Unsupported engine');
  console.error('npm error code ENOTFOUND');
  console.error('npm error network request to https://registry.example failed');
  process.exit(1);
}
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules');
for (const name of ['esbuild', '@esbuild', 'node']) {
  fs.symlinkSync(${JSON.stringify(path.join(root, 'node_modules'))} + '/' + name, 'node_modules/' + name);
}
`;

function makeClone(): string {
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'a fresh clone ')), 'in here');
  folders.push(path.dirname(folder));
  mkdirSync(path.join(folder, 'functions'), { recursive: true });
  mkdirSync(path.join(folder, 'shared'));
  cpSync(path.join(root, 'scripts'), path.join(folder, 'scripts'), { recursive: true });
  writeFileSync(
    path.join(folder, 'package.json'),
    '{"type":"module","devDependencies":{"node":"24.0.0"}}',
  );
  writeFileSync(path.join(folder, 'package-lock.json'), '{"packages":{}}');
  writeFileSync(
    path.join(folder, 'functions', 'index.ts'),
    "import { one } from '../shared/one.ts';\nconsole.log(one);\n",
  );
  writeFileSync(path.join(folder, 'shared', 'one.ts'), 'export const one: number = 1;\n');
  writeFileSync(path.join(folder, 'npm-cli.js'), NPM);
  // The folder is an ES module package; the stand-in is not one of its files.
  mkdirSync(path.join(folder, 'npm'));
  cpSync(path.join(folder, 'npm-cli.js'), path.join(folder, 'npm', 'npm-cli.js'));
  writeFileSync(path.join(folder, 'npm', 'package.json'), '{"type":"commonjs"}');
  return folder;
}

async function setUp(folder: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'setup'], {
    cwd: folder,
    env: { ...process.env, npm_execpath: path.join(folder, 'npm', 'npm-cli.js') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  return await new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, output }));
  });
}

const installs = (folder: string): number =>
  existsSync(path.join(folder, 'npm-calls'))
    ? readFileSync(path.join(folder, 'npm-calls'), 'utf8').trim().split('\n').length
    : 0;
const bundle = (folder: string): string =>
  createHash('sha256')
    .update(readFileSync(path.join(folder, 'dist', 'app.cjs')))
    .update(readFileSync(path.join(folder, 'dist', 'app.cjs.map')))
    .digest('hex');

test('a fresh clone is installed and built, in four plain lines where nobody watches', async () => {
  const folder = makeClone();
  const { code, output } = await setUp(folder);
  expect(code).toBe(0);
  expect(output.replaceAll(/\d+(\.\d+)? s/g, 'N s')).toBe(
    'Installing packages …\nInstalled packages in N s.\nBuilding the app …\nBuilt the app in N s.\n',
  );
});

test('nothing is done again when nothing has changed, and nothing is said', async () => {
  const folder = makeClone();
  await setUp(folder);
  expect(await setUp(folder)).toEqual({ code: 0, output: '' });
  expect(installs(folder)).toBe(1);
});

test('a changed source is built again and not installed again', async () => {
  const folder = makeClone();
  await setUp(folder);
  const before = bundle(folder);
  appendFileSync(path.join(folder, 'shared', 'one.ts'), 'console.log(one);\n');
  await setUp(folder);
  expect(bundle(folder)).not.toBe(before);
  expect(installs(folder)).toBe(1);
});

test('a changed lockfile is installed again', async () => {
  const folder = makeClone();
  await setUp(folder);
  writeFileSync(path.join(folder, 'package-lock.json'), '{"packages":{"":{}}}');
  await setUp(folder);
  expect(installs(folder)).toBe(2);
});

test('what somebody has installed by hand, as the lockfile says, is not installed again', async () => {
  const folder = makeClone();
  await setUp(folder);
  const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } };
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(
    path.join(folder, 'node_modules', '.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
  );
  await setUp(folder);
  expect(installs(folder)).toBe(1);
});

test('two runs at once install once', async () => {
  const folder = makeClone();
  const both = await Promise.all([setUp(folder), setUp(folder)]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(installs(folder)).toBe(1);
  expect(existsSync(path.join(folder, '.setup.lock'))).toBe(false);
});

test('the lock of a run that was killed is not in the way', async () => {
  const folder = makeClone();
  const gone = spawn(process.execPath, ['--eval', '']);
  await new Promise((resolve) => gone.once('close', resolve));
  writeFileSync(path.join(folder, '.setup.lock'), String(gone.pid));
  expect((await setUp(folder)).code).toBe(0);
});

test('the app is built byte for byte the same in another folder', async () => {
  const [one, other] = [makeClone(), makeClone()];
  await Promise.all([setUp(one), setUp(other)]);
  expect(bundle(other)).toBe(bundle(one));
});

test('a build leaves no process behind, since what follows may run for days', async () => {
  const folder = makeClone();
  await setUp(folder);
  // Ends when its last child has: a build that leaves one never does.
  const script = `
    import { execFileSync } from 'node:child_process';
    import { build } from './scripts/build.mjs';
    const children = () =>
      execFileSync('ps', ['-A', '-o', 'ppid=,comm='], { encoding: 'utf8' })
        .split('\\n')
        .map((line) => line.trim().split(/ +/))
        .filter(([parent, name]) => Number(parent) === process.pid && name !== 'ps');
    await build(process.cwd());
    while (children().length > 0) await new Promise((resolve) => setImmediate(resolve));
    console.log('nobody left');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  await new Promise((resolve) => child.once('close', resolve));
  expect(output).toBe('nobody left\n');
});

test('when npm fails, its words are shown with what to do, and the next run tries again', async () => {
  const folder = makeClone();
  writeFileSync(path.join(folder, 'broken'), '');
  const failed = await setUp(folder);
  expect(failed.code).toBe(1);
  expect(failed.output).toContain('npm error code ENOTFOUND');
  expect(failed.output).toContain('run the same\ncommand again');
  expect(failed.output).not.toContain('at ');
  rmSync(path.join(folder, 'broken'));
  expect((await setUp(folder)).code).toBe(0);
});

test('a source that does not compile is named in place, without a stack trace', async () => {
  const folder = makeClone();
  writeFileSync(path.join(folder, 'shared', 'one.ts'), 'export const one = ;\n');
  const { code, output } = await setUp(folder);
  expect(code).toBe(1);
  expect(output).toContain('shared/one.ts:1:');
  expect(output).not.toContain('node:internal');
});
