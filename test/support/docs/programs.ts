/** The programs that documents tell readers to run, and how each is held to what they say. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AZ_COMMANDS } from '../azure/az-reference.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');

/** What runs in the documents' test as it would for a reader. */
export const RUN = ['npx', 'curl', 'openssl', 'echo', 'sleep', 'export', 'grep', 'cut', 'tr'];

/**
 * What does not run there: what it would reach is not on this machine, or is run by another test. It
 * is played by a script, and what it was asked is held against these.
 */
export const CHECKED: Readonly<Record<string, (args: readonly string[]) => string | undefined>> = {
  az: (args) => checkOptions('az', args, AZ_COMMANDS),
  azd: (args) => checkOptions('azd', args, AZD_COMMANDS),
  gh: (args) => checkOptions('gh', args, { 'attestation verify': ['owner', 'repo'] }),
  git: (args) => (args.join(' ') === 'pull' ? undefined : 'git is told to pull, and nothing else'),
  // The package is unpacked and run by test/integration/repository/package.test.ts.
  unzip: (args) => (args[0]?.endsWith('.zip') ? undefined : 'unzip takes a zip'),
  sha256sum: (args) =>
    args[0] === '--check' && args[1]?.endsWith('.zip.sha256') ? undefined : 'a sum to check',
  // A hook, each run by test/unit/infra.
  node: (args) =>
    IN_ANOTHER_PROJECT.includes(args.join(' ')) || existsSync(path.join(ROOT, args[0] ?? ''))
      ? undefined
      : `there is no ${args[0] ?? 'script'}`,
  npm: checkNpm,
};

/** Run by test/integration/host/another-project.test.ts, where there is what they name. */
const IN_ANOTHER_PROJECT = [
  'host/main.ts --app .',
  '--import functions-host/test-kit/register --test',
];

/** From `azd {command} --help`, as learn.microsoft.com/azure/developer/azure-developer-cli/reference has it. */
const AZD_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'auth login': ['client-id', 'tenant-id', 'federated-credential-provider'],
  deploy: ['all', 'from-package', 'environment'],
  down: ['force', 'purge', 'environment'],
  'env get-value': ['environment'],
  'env get-values': ['environment'],
  'env new': ['location', 'subscription'],
  'env select': [],
  'env set': ['environment'],
  'hooks run': ['service', 'environment'],
  init: ['template', 'environment'],
  'pipeline config': ['provider', 'principal-name'],
  provision: ['preview', 'no-state', 'environment'],
  up: ['environment'],
};

/** Of each npm script: the file of its options, and the test that runs it. */
export const NPM_SCRIPTS: Readonly<
  Record<string, { readonly program?: string; readonly runBy: string }>
> = {
  start: { program: 'local/start.ts', runBy: 'test/integration/local/start.test.ts' },
  'start:func': {
    program: 'local/start-func.ts',
    runBy: 'test/integration/local/start-func.test.ts',
  },
  demo: { program: 'local/demo.ts', runBy: 'test/integration/local/demo.test.ts' },
  host: { program: 'local/host/main.ts', runBy: 'test/integration/repository/package.test.ts' },
  reset: { program: 'local/reset.ts', runBy: 'test/integration/local/start.test.ts' },
  build: { runBy: 'test/integration/repository/setup.test.ts' },
  package: { runBy: 'test/integration/repository/package.test.ts' },
  docs: { runBy: 'test/unit/docs/written.test.ts' },
  'histories:record': { runBy: 'test/orchestrations/upgrades/replay.test.ts' },
  // Each of these is tests, measurements or checks itself, and runs in a workflow or by hand.
  test: { runBy: '.github/workflows/checks.yml' },
  check: { runBy: '.github/workflows/checks.yml' },
  'test:resilience': { program: 'test/resilience/main.ts', runBy: 'test/resilience/main.ts' },
  bench: { program: 'bench/main.ts', runBy: 'bench/main.ts' },
  'docs:picture': { runBy: 'test/support/browser/take-picture.ts' },
  'verify:azure': {
    program: 'local/verify/main.ts',
    runBy: 'test/integration/local/verify-azure.test.ts',
  },
};

/** @returns what is wrong with an npm command; its options are asked of the program itself elsewhere */
function checkNpm(args: readonly string[]): string | undefined {
  const { script } = readNpm(args);
  return Object.hasOwn(NPM_SCRIPTS, script)
    ? undefined
    : `npm script ${script}: name the test that runs it in test/support/docs/programs.ts`;
}

/** `start -- --port 1` and `run demo` alike: which script, and what it is given. */
export function readNpm(args: readonly string[]): {
  readonly script: string;
  readonly given: readonly string[];
} {
  const words = args[0] === 'run' ? args.slice(1) : args;
  const dashes = words.indexOf('--');
  return { script: words[0] ?? '', given: dashes === -1 ? [] : words.slice(dashes + 1) };
}

function checkOptions(
  program: string,
  args: readonly string[],
  commands: Readonly<Record<string, readonly string[]>>,
): string | undefined {
  // Of a name and what follows it, such as `env set NAME value`, the longest that there is.
  const command = Object.keys(commands)
    .filter((one) => `${args.join(' ')} `.startsWith(`${one} `))
    .sort((one, other) => other.length - one.length)[0];
  if (command === undefined) return `${program} ${args.join(' ')}: no such command is known`;
  const known = commands[command] ?? [];
  const unknown = args
    .filter((one) => one.startsWith('--'))
    .map((one) => one.slice(2))
    .filter((one) => !known.includes(one));
  return unknown.length === 0
    ? undefined
    : `${program} ${command} is not known to take --${unknown.join(', --')}`;
}
