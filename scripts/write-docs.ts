/**
 * Writes the parts of the documents that follow from the code: `npm run docs`. With `--check` it
 * writes nothing, names what is out of date and ends with 1.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import prettier from 'prettier';
import { renderSettingsTable } from '../shared/config/settings-table.ts';
import { renderConformance } from './conformance-list.ts';
import type { Conformed } from './list-conformance.ts';
import { putBetweenMarks } from './marked-text.ts';

/** Found by a process of its own, which loads every test file. */
function listConformance(): readonly Conformed[] {
  const script = path.join(import.meta.dirname, 'list-conformance.ts');
  const args = ['--disable-warning=ExperimentalWarning', script];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 24 });
  // What that script prints.
  return JSON.parse(output) as Conformed[];
}

const { dependencies } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8'),
) as { readonly dependencies: Readonly<Record<string, string>> };

const written: Readonly<Record<string, { readonly mark: string; readonly text: string }>> = {
  'README.md': { mark: 'settings', text: renderSettingsTable() },
  'docs/host-conformance.md': {
    mark: 'conformance',
    text: renderConformance(listConformance(), dependencies),
  },
};

const stale: string[] = [];
for (const [name, { mark, text }] of Object.entries(written)) {
  const file = path.join(import.meta.dirname, '..', name);
  const before = readFileSync(file, 'utf8');
  const marked = putBetweenMarks(before, mark, text);
  const after = await prettier.format(marked, { parser: 'markdown', printWidth: 100 });
  if (after !== before) stale.push(name);
  if (!process.argv.includes('--check')) writeFileSync(file, after);
}
if (process.argv.includes('--check') && stale.length > 0) {
  process.stderr.write(`Run \`npm run docs\`: ${stale.join(', ')} is out of date.\n`);
  process.exitCode = 1;
}
