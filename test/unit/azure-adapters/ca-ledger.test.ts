import { makeCaLedger } from '../../../shared/azure/ca-ledger.ts';
import { EMPTY_CA_RECORD, type CaDone } from '../../../shared/domain/ca-record.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const done = (number: number, letters: number, untold: boolean): CaDone => ({
  change: {
    ...{ store: 'Root', thumbprint: String(number), subject: '', id: String(number), kind: 'add' },
    ...{ at: '2026-07-01T00:00:00.000Z', by: { kind: 'platform' } },
  },
  ...{ outcome: 'refused', at: '2026-07-01T00:00:00.000Z' },
  problem: { code: 'CA_ENTRIES_UNKNOWN', message: 'x'.repeat(letters) },
  ...(untold ? { untold: true } : {}),
});

/** What is left of the past once it was written. */
async function kept(past: readonly CaDone[]): Promise<readonly string[]> {
  const ledger = makeCaLedger(makeMemoryTable());
  await ledger.replace('s', { record: EMPTY_CA_RECORD }, { ...EMPTY_CA_RECORD, done: past });
  return (await ledger.read('s')).record.done.map(({ change }) => change.id);
}

describe('What came of changes', () => {
  test('is kept whole however long its words are, also when many were not told yet', async () => {
    const past = Array.from({ length: 30 }, (_, number) => done(number, 2_500, true));
    expect(await kept(past)).toHaveLength(30);
  });

  test('makes room, when a row can hold no more, for what was not told yet', async () => {
    const past = [done(1, 150_000, false), done(2, 150_000, true), done(3, 150_000, true)];
    expect(await kept(past)).toEqual(['2', '3']);
  });
});
