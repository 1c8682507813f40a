import { makeTellCaChanges } from '../../../functions/activities/ca/tell-ca-changes.ts';
import { makeCaLedger } from '../../../shared/azure/ca-ledger.ts';
import { EMPTY_CA_RECORD, withDone, type CaDone } from '../../../shared/domain/ca-record.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

/** One change that comes to nothing again and again. */
const refused = (at: string): CaDone => ({
  change: {
    ...{ store: 'Root', thumbprint: 'A'.repeat(40), subject: '', id: 'over-1', kind: 'remove' },
    ...{ at: '2026-07-01T00:00:00.000Z', by: { kind: 'platform' } },
  },
  ...{ outcome: 'refused', at, untold: true },
  problem: { code: 'CA_UPDATE_DOWNTIME', message: 'no' },
});

test('What comes to nothing twice is told twice, under two ids, also when that is while it is told', async () => {
  const ledger = makeCaLedger(makeMemoryTable());
  const told: OutcomeEvent[] = [];
  const happens = (at: string) =>
    ledger.change(SERVICE, (record) => ({ next: withDone(record, [refused(at)]), result: null }));
  let calls = 0;
  const tell = makeTellCaChanges({
    ledger,
    publisher: {
      publish: async (events) => {
        told.push(...events);
        calls += 1;
        if (calls === 1) await happens('2026-07-03T00:00:00.000Z');
      },
    },
  });
  await ledger.replace(SERVICE, await ledger.read(SERVICE), EMPTY_CA_RECORD);
  await happens('2026-07-02T00:00:00.000Z');
  for (let times = 0; times < 3; times += 1) {
    await tell({ service: SERVICE, since: '2026-07-02T00:00:00.000Z', operation: 'ca-1' });
  }
  expect(told.map(({ type, time }) => [type, time])).toEqual([
    ['Certkeeper.CaUpdateFailed', '2026-07-02T00:00:00.000Z'],
    ['Certkeeper.CaUpdateFailed', '2026-07-03T00:00:00.000Z'],
  ]);
  expect(new Set(told.map(({ id }) => id)).size).toBe(2);
});
