/** Installs the packages of the lockfile when they are not there yet, and only then. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withProgress } from './progress.mjs';

/** Of what npm said when it failed: the cause stands at the beginning, a script's output at the end. */
const SHOWN = { first: 8, last: 6 };

/** Thrown when a step failed in a way that its message explains; no stack trace helps the reader. */
export class SetupError extends Error {}

/** @param {string} root the repository */
export function isInstalled(root) {
  return readText(stampFile(root)) === lockDigest(root);
}

/**
 * Brings node_modules in line with package-lock.json.
 * @param {string} root the repository
 * @throws {SetupError} Thrown when npm fails; carries npm's last lines and what to do
 */
export async function install(root) {
  if (!matchesLock(root)) {
    await withProgress({ doing: 'Installing packages', done: 'Installed packages' }, () =>
      npmCi(root),
    );
  }
  writeFileSync(stampFile(root), lockDigest(root));
}

function stampFile(root) {
  return path.join(root, 'node_modules', '.setup-stamp');
}

function lockDigest(root) {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Whether somebody has installed by hand what the lockfile says: npm keeps a record of what it
 * put into node_modules, which lacks only packages that are optional on this machine.
 */
function matchesLock(root) {
  const record = readText(path.join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const present = JSON.parse(record).packages;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const complete = Object.entries(wanted).every(
    ([name, entry]) =>
      name === '' ||
      (name in present ? present[name].version === entry.version : entry.optional === true),
  );
  return complete && Object.keys(present).every((name) => name in wanted);
}

async function npmCi(root) {
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const { code, output } = await run(['ci', ...quiet], root);
  if (code === 0) return;
  throw new SetupError(
    `npm could not install the packages; it said:\n\n${excerpt(output)}\n\n` +
      'Check the network or proxy (npm config get registry) and the disk, then run the same\n' +
      'command again; `npm ci` shows everything npm has to say.',
  );
}

function excerpt(output) {
  const lines = output
    .split('\n')
    .filter((line) => !/^(npm error\s*)?$|A complete log of this run/.test(line.trim()));
  if (lines.length <= SHOWN.first + SHOWN.last) return lines.join('\n');
  return [...lines.slice(0, SHOWN.first), '…', ...lines.slice(-SHOWN.last)].join('\n');
}

/** Runs npm: the one that started us when there is one, else the one on the PATH. */
function run(args, cwd) {
  const started = process.env['npm_execpath'] ?? '';
  const same = path.basename(started) === 'npm-cli.js' && existsSync(started);
  const windows = process.platform === 'win32';
  const child = same
    ? spawn(process.execPath, [started, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn(windows ? 'npm.cmd' : 'npm', args, {
        cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: windows,
      });
  let output = '';
  const keep = (chunk) => (output = (output + chunk).slice(-20_000));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  // Without this npm would go on installing after the one who waits for it has been stopped; asked
  // politely it finishes what it is doing. The next installation begins from nothing in any case.
  const stop = (signal) => {
    child.kill('SIGKILL');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        error.code === 'ENOENT'
          ? new SetupError(
              'npm was not found on the PATH; it comes with Node.js (https://nodejs.org).',
            )
          : error,
      ),
    );
    child.once('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, stop);
      resolve({ code, output });
    });
  });
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
