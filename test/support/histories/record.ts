/** `npm run histories:record`: what `docs/upgrades.md` says to do before a release. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import '../../../local/host/test-kit/register.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

const { recordHistories } = await import('./record-histories.ts');
const { writeHistories } = await import('./recorded-history.ts');

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
};
const histories = await recordHistories(version);
const folder = writeHistories(version, histories);
process.stdout.write(`Recorded ${histories.length} histories of ${version} in ${folder}.\n`);
