/** `npm run histories:record`: what `docs/upgrades.md` says to do before a release. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

// Only a Functions host provides this module; the stand-in keeps what is registered.
const core = pathToFileURL(path.join(import.meta.dirname, '..', 'functions-core.ts')).href;
registerHooks({
  resolve: (name, context, next) =>
    name === '@azure/functions-core' ? { url: core, shortCircuit: true } : next(name, context),
});

const { recordHistories } = await import('./record-histories.ts');
const { writeHistories } = await import('./recorded-history.ts');

const root = path.join(import.meta.dirname, '..', '..', '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
};
const histories = await recordHistories(version);
const folder = writeHistories(version, histories);
process.stdout.write(`Recorded ${histories.length} histories of ${version} in ${folder}.\n`);
