/**
 * Prints as JSON what the conformance suite covers (`Conformed[]`): every call of `conforms`, found by
 * loading the test files without running a test, so that those in loops and tables are found, too.
 */
import { globSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import '../local/host/test-kit/register.ts';

export interface Conformed {
  /** Of the repository, with `/`. */
  readonly file: string;
  /** The names of the test's groups and its own, from the outside in. */
  readonly behaviour: readonly string[];
  /** As `conforms` has it: an address, or a file of a package or repository. */
  readonly source: string;
}

const FILES = ['test/conformance/**/*.test.ts', 'test/integration/host/**/*.test.ts'];
const root = path.join(import.meta.dirname, '..');

const found: Conformed[] = [];
const groups: string[] = [];
let file = '';

/** Stands for what only running tests need: whatever is asked of it, it answers with itself. */
const inert: unknown = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : inert),
  apply: () => inert,
});

function describe(name: string, group: () => void): void {
  groups.push(name);
  group();
  groups.pop();
}

function test(name: string): void {
  // As test/support/conformance.ts puts it together.
  const [, behaviour, source] = /^(.*) \[([^\]]+)\]$/s.exec(name) ?? [];
  if (behaviour === undefined || source === undefined) return;
  found.push({ file, behaviour: [...groups, behaviour], source });
}

const names = ['jest', 'expect', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach'];
Object.assign(globalThis, Object.fromEntries(names.map((name) => [name, inert])), {
  describe: Object.assign(describe, { each: inert }),
  test: Object.assign(test, { each: inert }),
  it: Object.assign(test, { each: inert }),
  // Jest's modules have these; no file is read by them while a test file loads.
  __dirname: root,
  __filename: import.meta.filename,
});

for (const name of globSync(FILES, { cwd: root }).sort()) {
  file = name.replaceAll(path.sep, '/');
  await import(pathToFileURL(path.join(root, name)).href);
}
process.stdout.write(JSON.stringify(found));
