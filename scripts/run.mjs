/**
 * The one door of the repository: `node scripts/run.mjs <command> [arguments]`, which the npm
 * scripts call. Installs and builds when something changed, then runs the command on the pinned
 * Node. Needs nothing but Node 18 or later and npm.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { install, isInstalled, SetupError } from './install.mjs';
import { withProgress } from './progress.mjs';
import { withSetupLock } from './setup-lock.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(root, 'node_modules');
const tool = (...parts) => path.join(modules, ...parts);

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const ORPHAN_CHECK_MS = 250;
const startedByNpm = process.env['npm_lifecycle_event'] !== undefined;
// npm runs scripts in the package's folder, and says from where it was called.
const callersFolder = process.cwd() === root ? (process.env['INIT_CWD'] ?? root) : process.cwd();

const jest = [tool('jest', 'bin', 'jest.js')];
const staticSteps = [
  ['Formatting', [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.']],
  ['Lint', [tool('eslint', 'bin', 'eslint.js'), '.']],
  ['Types', [tool('typescript', 'bin', 'tsc'), '--noEmit']],
  ['Types in pages', [tool('typescript', 'bin', 'tsc'), '-p', 'shared/pages/client']],
  ['Types in page tests', [tool('typescript', 'bin', 'tsc'), '-p', 'test/browser']],
];

/**
 * What each command runs on Node once the set-up is done. `lean` ones are for a person who waits
 * and whose machine has other things to do: they keep compiled code for the next start, and a
 * young generation of 8 MB, where Node would take over a hundred and be no faster here. `here` ones
 * run where the caller stands, since the files they are given are named from there.
 */
const commands = {
  start: { built: true, lean: true, script: ['local/start.ts'] },
  demo: { built: true, lean: true, script: ['local/demo.ts'] },
  host: {
    built: true,
    lean: true,
    here: true,
    script: [path.join(root, 'local', 'host', 'main.ts')],
  },
  func: { built: true, lean: true, script: ['local/start-func.ts'] },
  reset: { built: false, script: ['local/reset.ts'] },
  bench: { built: true, lean: true, script: ['bench/main.ts'] },
  test: { built: true, script: jest },
  certkeeper: { built: false, lean: true, here: true, script: [path.join(root, 'cli', 'main.ts')] },
  docs: { built: false, script: ['scripts/write-docs.ts'] },
  package: { built: true, script: ['scripts/package.ts'] },
  picture: { built: true, script: ['test/support/browser/take-picture.ts'] },
  histories: { built: false, script: ['test/support/histories/record.ts'] },
  verify: {
    built: false,
    lean: true,
    here: true,
    script: [path.join(root, 'local', 'verify', 'main.ts')],
  },
  resilience: { built: true, script: ['test/resilience/main.ts'] },
};

async function main([name, ...args]) {
  if (name === 'build' || name === 'setup') {
    await setUp({ built: true, anew: name === 'build' });
    return 0;
  }
  if (name === 'check') return await check(args);
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (command === undefined) {
    const known = [...Object.keys(commands), 'build', 'setup', 'check'].join(', ');
    process.stderr.write(`Unknown command ${name ?? '(none)'}. Commands: ${known}.\n`);
    return 2;
  }
  await setUp({ built: command.built, anew: false });
  return await runNode([...command.script, ...args], command);
}

/** Everything that must hold before a change is merged; `--static` leaves the tests out. */
async function check(args) {
  await setUp({ built: true, anew: false });
  const failed = [];
  const steps = args.includes('--static') ? staticSteps : [...staticSteps, ['Tests', jest]];
  for (const [title, script] of steps) {
    process.stderr.write(`${title} …\n`);
    if ((await runNode(script)) !== 0) failed.push(title);
  }
  const verdict = failed.length === 0 ? 'all good' : `failed: ${failed.join(', ')}`;
  process.stderr.write(`Check: ${verdict}.\n`);
  return failed.length === 0 ? 0 : 1;
}

async function setUp({ built, anew }) {
  const ready = () => isInstalled(root) && (!built || (!anew && isBuilt(root)));
  if (ready()) return;
  await withSetupLock(path.join(root, '.setup.lock'), async () => {
    // Another run may have done it while this one waited for the lock.
    if (!isInstalled(root)) await install(root);
    if (!built || (!anew && isBuilt(root))) return;
    await withProgress({ doing: 'Building the app', done: 'Built the app' }, async () => {
      await build(root).catch((error) => {
        throw new SetupError(`The app does not build: ${error.message.split('\n')[0]}`);
      });
    });
  });
}

/** Node 24 for the command: the npm package `node`, or the running one when that is new enough. */
function nodeBinary() {
  const pinned = tool('node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(pinned)) return pinned;
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24) return process.execPath;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies;
  throw new SetupError(
    `This needs Node 24 or later and runs on ${process.versions.node}. The package node@${wanted.node}\n` +
      'carries it, but npm was told not to run its install script. Run\n' +
      '`npm rebuild node --ignore-scripts=false`, or install Node 24.',
  );
}

/** Runs a script on Node, passes signals on, and answers its exit code. */
function runNode(args, { lean = false, here = false } = {}) {
  const options = ['--disable-warning=ExperimentalWarning'];
  const env = { ...process.env };
  if (lean) {
    options.push('--max-semi-space-size=8');
    env['NODE_COMPILE_CACHE'] ??= tool('.cache', 'compile');
  }
  const script = [...options, ...args];
  // The channel tells the child when this process dies, however it dies.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(nodeBinary(), script, { cwd: here ? callersFolder : root, env, stdio });
  let signalled = false;
  const pass = (signal) => {
    signalled = true;
    // On a terminal Ctrl-C goes to the whole group: the child has it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  const shell = process.ppid;
  const watch = setInterval(() => {
    // npm passes a signal to the shell that it runs scripts in, and the shell keeps it to itself.
    if (startedByNpm && process.ppid !== shell && !signalled) pass('SIGTERM');
  }, ORPHAN_CHECK_MS);
  watch.unref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      for (const name of SIGNALS) process.removeListener(name, pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
