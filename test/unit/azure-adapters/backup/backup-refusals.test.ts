/** Files that are no backup, or not whole: each is refused before anything is written. */
import * as fc from 'fast-check';
import { fill, makeBackupWorld, rowsOf, sealed } from '../../../support/backup-world.ts';

let good: readonly string[];
beforeAll(async () => {
  const world = makeBackupWorld();
  await fill(world);
  good = (await world.backUp()).split('\n').slice(0, -2);
});

/** What is answered of a file, after it was seen that nothing was written. */
async function refusal(text: string): Promise<string> {
  const world = makeBackupWorld();
  const outcome: unknown = await world.restore(text).catch((error: unknown) => error);
  expect((await rowsOf(world.table)).size).toBe(0);
  expect(world.copies.names()).toEqual([]);
  expect(outcome).toMatchObject({ problem: { code: 'BACKUP_UNREADABLE' } });
  return outcome instanceof Error ? outcome.message : '';
}

/** The good backup with one row in another way, and a last line that is right. */
function withRow(which: string, change: (row: Record<string, unknown>) => unknown): string {
  return sealed(
    good.map((line) =>
      line.includes(which)
        ? JSON.stringify(change(JSON.parse(line) as Record<string, unknown>))
        : line,
    ),
  );
}
const BINDING = '"row":"binding|';
const valued = (more: object) => (row: Record<string, unknown>) => ({
  ...row,
  value: { ...(row['value'] as object), ...more },
});

const HEADER = { format: 'certkeeper-backup', certkeeper: '9', at: '2026-11-28T02:00:00Z' };

describe('A backup is refused', () => {
  test.each<[string, () => string, RegExp]>([
    ['that is empty', () => '', /line 1: the file is empty/],
    ['that is something else', () => 'PK\u0003\u0004\n', /line 1: it is no JSON/],
    ['that is JSON, but another', () => '{"a":1}\n', /line 1: version cannot be used/],
    [
      'of another version of the format',
      () => `${JSON.stringify({ ...HEADER, version: 2, more: true })}\n`,
      /has the format version 2, and this version of Certkeeper reads 1/,
    ],
    ['that ends after its header', () => `${good[0] ?? ''}\n`, /line 2: the file ends before it/],
    [
      'that lacks its last line',
      () => `${good.join('\n')}\n`,
      /line \d+: the file ends with it, and it is not a last line/,
    ],
    [
      'that ends in the middle of a line',
      () => sealed(good).slice(0, -20),
      /line \d+: the file ends in the middle of it/,
    ],
    [
      'that lacks a row',
      () => sealed(good).split('\n').toSpliced(3, 1).join('\n'),
      /line \d+: count is \d+, and there are \d+ rows/,
    ],
    [
      'in which something was changed',
      () => sealed(good).replace('Known.', 'Knows.'),
      /line \d+: sha256 is not that of the lines before it/,
    ],
    ['with a line that is no JSON', () => sealed([...good, '{']), /line \d+: it is no JSON/],
    [
      'with a field that is not known',
      () => withRow(BINDING, (row) => ({ ...row, command: 'x' })),
      /line \d+: it has a field that is not known/,
    ],
    [
      'with a table of another kind',
      () => withRow(BINDING, (row) => ({ ...row, table: 'certkeeperaudits' })),
      /line \d+: table is none that a backup holds/,
    ],
    [
      'with a kind of row that is left out',
      () => withRow(BINDING, (row) => ({ ...row, row: 'arrivals' })),
      /line \d+: partition and row are of no kind that a backup holds/,
    ],
    [
      'with a key that is none',
      () => withRow(BINDING, (row) => ({ ...row, row: 'binding|a/b' })),
      /line \d+: row cannot be used \(is no key\)/,
    ],
    [
      'with a value that is none of its kind',
      () => withRow(BINDING, valued({ status: 'fine' })),
      /line \d+: value\.status /,
    ],
    [
      'with a target that cannot be read',
      () => withRow(BINDING, valued({ target: 'contoso-gw/certificates/..' })),
      /line \d+: value\.target cannot be read/,
    ],
    [
      'with a row that is not where its value belongs',
      () => withRow(BINDING, valued({ target: 'contoso-gw/certificates/other' })),
      /line \d+: row is not where its value belongs/,
    ],
    [
      'with a claim in the name of another service',
      () => withRow('"partition":"place|', valued({ target: 'contoso-eu-gw' })),
      /line \d+: row is not where its value belongs/,
    ],
    [
      'with a value that no row can hold',
      () => withRow('acknowledged', valued({ reason: 'x'.repeat(500_000) })),
      /line \d+: value is larger than a row can be/,
    ],
    [
      'with a line that is endless',
      () => sealed([...good, `"${'x'.repeat(5 * 1024 * 1024)}"`]),
      /line \d+: it is longer than any that Certkeeper writes/,
    ],
    [
      'with a CA certificate that is another one',
      () => withRow('"table":"certkeeper-ca"', (row) => ({ ...row, value: 'TUFB' })),
      /line \d+: value is not the certificate that row names/,
    ],
    [
      'with a blob that would leave its place',
      () => withRow('"table":"certkeeper-ca"', (row) => ({ ...row, partition: '..' })),
      /line \d+: value is not the certificate that row names/,
    ],
  ])('%s', async (_, file, says) => {
    const told = await refusal(file());
    expect(told).toMatch(says);
    // Nothing of a file that may be anything is quoted at length.
    expect(told.length).toBeLessThan(500);
  });

  test('that is not UTF-8', async () => {
    const world = makeBackupWorld();
    const open = async () =>
      Promise.resolve(
        (async function* () {
          await Promise.resolve();
          yield Buffer.from([0xff, 0xfe, 0x0a]);
        })(),
      );
    const how = { dryRun: false, merge: false, by: { kind: 'platform' }, at: HEADER.at } as const;
    await expect(world.restores.restore({ open }, how)).rejects.toThrow(/line 1: it is no UTF-8/);
  });

  test('wherever it was cut off', async () => {
    const whole = sealed(good);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
        await refusal(whole.slice(0, length));
      }),
      { numRuns: 40 },
    );
  });

  test('whichever character of it was changed', async () => {
    const whole = sealed(good);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 2 }), async (at) => {
        const other = whole[at] === 'x' ? 'y' : 'x';
        await refusal(`${whole.slice(0, at)}${other}${whole.slice(at + 1)}`);
      }),
      { numRuns: 40 },
    );
  });
});

test('Text that looks like an instruction to JavaScript is text', async () => {
  const world = makeBackupWorld();
  const reason = '__proto__ "\u2028</script>';
  const line = JSON.stringify({
    ...{ table: 'ledger', partition: 'acknowledged', row: 'f' },
    value: { finding: 'f', reason, until: '2027-01-01', from: 'http' },
  }).replace('{"finding"', '{"__proto__":{"polluted":true},"finding"');
  await world.restore(sealed([good[0] ?? '', line]));
  expect((await world.table.get('acknowledged', 'f'))?.document).toEqual({
    ...{ finding: 'f', reason, until: '2027-01-01', from: 'http' },
  });
  expect({}).not.toHaveProperty('polluted');
});
