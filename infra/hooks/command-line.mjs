/**
 * The Azure CLI and azd, as the hooks use them. Bodies and parameters go through files, never through
 * arguments: no shell gets to read them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** What the reader can do something about; printed without a stack. */
export class HookError extends Error {}

/** Thrown when what was asked for is not there. */
class NotFoundError extends HookError {}

/** Thrown when the program is not on this machine. */
class MissingProgramError extends HookError {}

/** What the shell of Windows says of a program that it does not find. */
const NOT_A_COMMAND = /is not recognized as an internal or external command/;

/** A subscription is also not found by who is signed in to another tenant, which says nothing of it. */
const isNotThere = (problem) =>
  /NotFound|Not Found/.test(problem) && !problem.includes('SubscriptionNotFound');

/**
 * Runs `az` and answers what it prints.
 * Thrown when it is missing or fails: HookError.
 */
export function az(...args) {
  return run('az', [...args, '--only-show-errors']);
}

/** Keeps a value for later hooks, and for the next run; without azd that is for whoever runs them. */
export function remember(name, value) {
  try {
    run('azd', ['env', 'set', name, value]);
  } catch (error) {
    if (!(error instanceof MissingProgramError)) throw error;
    say(`There is no azd to keep this; set it for the next run: ${name}=${value}`);
  }
}

/** One call to Resource Manager or Microsoft Graph; answers the body, or undefined without one. */
export function rest(method, url, body, headers = []) {
  const call = (bodyArgs) =>
    az('rest', '--method', method, '--url', url, ...toHeaders(headers), ...bodyArgs);
  const answer =
    body === undefined ? call([]) : withFile(body, (file) => call(['--body', `@${file}`]));
  return answer.trim() === '' ? undefined : JSON.parse(answer);
}

/** Every item of a list that comes in pages. */
export function restList(url) {
  const items = [];
  for (let next = url; next !== undefined && next !== null;) {
    const page = rest('get', next);
    items.push(...page.value);
    next = page.nextLink ?? page['@odata.nextLink'];
  }
  return items;
}

/** The same as `rest('get', …)`, but undefined for what is not there. */
export function restFind(url) {
  try {
    return rest('get', url);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** Hands a value over in a file that only its owner can read, and that is gone afterwards. */
export function withFile(value, use) {
  const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-'));
  try {
    const file = path.join(folder, 'body.json');
    writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
    return use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a hook; what goes wrong is said in a few lines, and azd stops. */
export async function runHook(hook) {
  try {
    await hook(process.env);
  } catch (error) {
    if (!(error instanceof HookError)) throw error;
    process.stderr.write(`\n${error.message}\n\n`);
    process.exitCode = 1;
  }
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

function toHeaders(headers) {
  const all = ['Content-Type=application/json', ...headers];
  return ['--headers', ...all];
}

function run(program, args) {
  // On Windows both are scripts for its shell; what they are given holds nothing that it would read.
  const isWindows = process.platform === 'win32';
  const given = isWindows ? args.map((arg) => `"${arg}"`) : args;
  const { status, stdout, stderr, error } = spawnSync(program, given, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: isWindows,
  });
  if (error !== undefined || (isWindows && NOT_A_COMMAND.test(stderr))) {
    throw new MissingProgramError(
      `${program} cannot be run (${error?.code ?? error?.message ?? 'not found'}). Certkeeper's hooks need the Azure CLI and azd: docs/deploy.md.`,
    );
  }
  if (status === 0) return stdout;
  const problem = `${program} ${args[0]} ${args[1]} failed:\n${stderr.trim()}`;
  throw isNotThere(stderr) ? new NotFoundError(problem) : new HookError(problem);
}
