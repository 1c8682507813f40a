import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FINDING_CODES } from '../../../shared/domain/audit/finding-codes.ts';
import {
  CURE_GROUP_TITLES,
  CURE_GROUPS,
  FINDING_KINDS,
} from '../../../shared/domain/audit/finding-kinds.ts';

const page = readFileSync(path.join(__dirname, '../../../docs/findings.md'), 'utf8');

/** `CODE severity` of each row below a heading. */
function rowsBelow(title: string): readonly string[] {
  const [, section = ''] = page.split(`\n## ${title}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| `([A-Z_]+)` +\| `(\w+)` +\| .+ \| .+ \|$/gm)].map(
    ([, code = '', severity = '']) => `${code} ${severity}`,
  );
}

describe('docs/findings.md', () => {
  test.each(CURE_GROUPS)('lists what is cured by: %s', (group) => {
    const codes = FINDING_CODES.filter((code) => FINDING_KINDS[code].cure === group);
    expect([...rowsBelow(CURE_GROUP_TITLES[group])].sort()).toEqual(
      codes.map((code) => `${code} ${FINDING_KINDS[code].severity}`).sort(),
    );
  });
});
