/** `npm run reset`: clears what `npm start` has kept. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { readFolder, readOptions, UsageError } from './console/options.ts';
import { repositoryRoot } from './repository.ts';
import { LOCK_FILE, lockState, StateFolderError } from './state-lock.ts';

const USAGE = `Clears the state of the system on this machine; the next start begins anew.

  --state DIR  the folder that was given to npm start (default: .local)
  --help       this text
`;

/** What a system makes in its state folder; nothing else is ever deleted. */
const OWN = ['azure', 'host', 'storage', 'logs', LOCK_FILE];

function main(): void {
  const values = readOptions(process.argv.slice(2), {
    state: { type: 'string', default: path.join(repositoryRoot(), '.local') },
    help: { type: 'boolean', default: false },
  });
  if (values.help) {
    say(USAGE.trimEnd());
    return;
  }
  const stateDir = readFolder('--state', values.state);
  const shown = path.relative(process.cwd(), stateDir) || stateDir;
  // The lock file is the mark of a state folder: no other folder is touched.
  if (!existsSync(path.join(stateDir, LOCK_FILE))) {
    say(`Nothing to clear: ${shown} holds no state of Certkeeper.`);
    return;
  }
  lockState(stateDir).release();
  const found = OWN.filter((name) => existsSync(path.join(stateDir, name)));
  for (const name of found) rmSync(path.join(stateDir, name), { recursive: true, force: true });
  const left = readdirSync(stateDir);
  if (left.length === 0) rmdirSync(stateDir);
  const kept = left.length === 0 ? '' : ` Left what is not its own: ${left.join(', ')}.`;
  const cleared = found.filter((name) => name !== LOCK_FILE);
  const what = cleared.length === 0 ? '' : ` (${cleared.join(', ')})`;
  say(`Cleared ${shown}${what}.${kept} The next start begins anew.`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StateFolderError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
