import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeSettings } from '../../../shared/config/settings-table.ts';

const readme = readFileSync(path.join(import.meta.dirname, '../../../README.md'), 'utf8');
const table = readme.slice(
  readme.indexOf('<!-- settings -->'),
  readme.indexOf('<!-- /settings -->'),
);
const rows = new Map(
  [...table.matchAll(/^\| `([A-Za-z_{}]+)`\s*\|([^|]*)\|([^|]*)\|$/gm)].map(
    ([, name = '', needed = '', meaning = '']) => [
      name,
      { needed: needed.trim(), meaning: meaning.trim() },
    ],
  ),
);

describe('the settings in the README', () => {
  it.each(describeSettings())('tell what $name means, as the code does', (setting) => {
    expect(setting.meaning).not.toBe('');
    // If this fails: npm run docs
    expect(rows.get(setting.name)).toEqual({ needed: setting.needed, meaning: setting.meaning });
  });

  it('are those that there are, and no other', () => {
    expect([...rows.keys()]).toEqual(describeSettings().map(({ name }) => name));
  });
});
