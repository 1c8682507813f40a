/** Whether each kind of row is in every backup or in none was decided of every one. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  KEPT_ROWS,
  LEFT_OUT_ROWS,
  LEFT_OUT_TABLES,
} from '../../../../shared/azure/backup/kinds.ts';
import { readPattern } from '../../../../shared/azure/backup/pattern.ts';
import { encodeKey } from '../../../../shared/azure/tables.ts';
import * as fc from 'fast-check';

const FOLDER = path.join(import.meta.dirname, '../../../../shared/azure');
const adapters = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(FOLDER, name), 'utf8') }));

/** Names of parts are for the reader. */
const bare = (kind: { partition: string; row: string }): string =>
  `${kind.partition} ${kind.row}`.replaceAll(/\{[^}]*\}/g, '{}');

/** The kinds in the table of a file's header, whose blank partition is the one above. */
function kindsIn(text: string): readonly { partition: string; row: string }[] {
  const kinds: { partition: string; row: string }[] = [];
  let partition: string | undefined;
  for (const line of text.split('\n')) {
    const cells = /^ \* \|(.*)\|/.exec(line)?.[1]?.split(/(?<!\\)\|/);
    if (cells === undefined) partition = undefined;
    const [first = '', second = ''] = (cells ?? []).map((cell) =>
      cell.trim().replaceAll(/\\+\|/g, '|').replaceAll('`', ''),
    );
    if (first === 'partition') partition = '';
    else if (partition !== undefined && !first.startsWith('--')) {
      partition = first === '' ? partition : first;
      kinds.push({ partition, row: second });
    }
  }
  return kinds;
}

const written = adapters.flatMap(({ name, text }) =>
  kindsIn(text).map((kind) => ({ name, kind: bare(kind) })),
);
const decided = [...KEPT_ROWS, ...LEFT_OUT_ROWS, ...LEFT_OUT_TABLES].map(bare);

describe('The kinds of rows', () => {
  test('are each in one list, kept or left out', () => {
    expect(decided).toHaveLength(new Set(decided).size);
    const undecided = written.filter(({ kind }) => !decided.includes(kind));
    expect(undecided).toEqual([]);
  });

  test('are none that nobody writes', () => {
    const kinds = new Set(written.map(({ kind }) => kind));
    expect(decided.filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  test('stand in the header of every adapter that writes rows', () => {
    // One that writes the rows of another says so by what it imports.
    const silent = adapters.filter(
      ({ text }) =>
        /\btable\.(?:put|add|replace)\(/i.test(text) &&
        kindsIn(text).length === 0 &&
        !text.includes("from './usage-rows.ts'"),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('say why, each in its own words', () => {
    const reasons = [...KEPT_ROWS, ...LEFT_OUT_ROWS, ...LEFT_OUT_TABLES];
    expect(reasons.filter(({ because }) => because.length < 8)).toEqual([]);
  });

  test('are told apart: no row is of two', () => {
    const kept = [...KEPT_ROWS, ...LEFT_OUT_ROWS].map(({ partition, row }) => {
      const filled = (pattern: string) => pattern.replaceAll(/\{[^}]*\}/g, 'x');
      return [filled(partition), filled(row)] as const;
    });
    for (const [partition, row] of kept) {
      const matching = [...KEPT_ROWS, ...LEFT_OUT_ROWS].filter(
        (kind) => readPattern(kind.partition, partition) && readPattern(kind.row, row),
      );
      expect(matching).toHaveLength(1);
    }
  });
});

test('A pattern reads back what was encoded, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (text) => {
      fc.pre(text.isWellFormed());
      expect(readPattern('binding|{target}', `binding|${encodeKey(text)}`)).toEqual([text]);
    }),
  );
});
