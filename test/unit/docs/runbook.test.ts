import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROBLEM_CODES } from '../../../shared/domain/errors.ts';

const runbook = readFileSync(path.join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
const rows = runbook.split('\n').filter((line) => line.startsWith('| `'));
const listed = rows.flatMap((row) =>
  [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code),
);

describe('the runbook', () => {
  it('says of every code what to do, once, and of no other', () => {
    expect([...listed].sort()).toEqual([...PROBLEM_CODES].sort());
  });

  it('says it in every row', () => {
    const unsaid = rows.filter((row) => row.split('|').at(-2)?.trim() === '');
    expect(unsaid).toEqual([]);
  });
});
