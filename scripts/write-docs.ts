/** Writes the parts of the documents that follow from the code: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { renderSettingsTable } from '../shared/config/settings-table.ts';
import { putBetweenMarks } from './marked-text.ts';

const readme = new URL('../README.md', import.meta.url);
const text = putBetweenMarks(readFileSync(readme, 'utf8'), 'settings', renderSettingsTable());
writeFileSync(readme, await prettier.format(text, { parser: 'markdown', printWidth: 100 }));
