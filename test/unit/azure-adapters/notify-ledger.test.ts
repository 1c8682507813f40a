import { makeNotifyFailures, makeNotifyLedger } from '../../../shared/azure/notify-ledger.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';
import { DAY, event, finding } from '../../support/notify/samples.ts';

const AT = '2026-11-28T03:00:00.000Z';
const NOTHING = { put: [], forget: [], letters: [], at: AT };
const letter = (id: string, more: Parameters<typeof event>[1] = {}) => ({
  ...{ event: event(id, more), digest: false, postedAt: DAY },
});

describe('what places were told', () => {
  it('is kept for each place apart, until it is to be forgotten', async () => {
    const ledger = makeNotifyLedger(makeMemoryTable());
    const odd = finding('EXPIRED /service/#? \\ "x"', { dueAt: DAY, dependsOn: ['contoso-kv'] });
    const put = [
      { finding: finding('a'), report: '1' },
      { finding: odd, report: '2', muted: true } as const,
    ];
    await ledger.settle('teams:ops', { ...NOTHING, put });
    expect(await ledger.told('teams:ops')).toEqual(
      new Map([put[0], put[1]].flatMap((one) => (one ? [[one.finding.id, one]] : []))),
    );
    expect(await ledger.told('teams')).toEqual(new Map());
    await ledger.settle('teams:ops', { ...NOTHING, forget: ['a', 'never there'] });
    expect([...(await ledger.told('teams:ops')).keys()]).toEqual([odd.id]);
  });

  it('a row that cannot be read is as none', async () => {
    const table = makeMemoryTable();
    const ledger = makeNotifyLedger(table);
    await table.put([{ partition: 'notify|slack', key: 'told|x', document: { finding: 1 } }]);
    await table.put([{ partition: 'notify|slack', key: 'letter|wait|x', document: [] }]);
    expect(await ledger.told('slack')).toEqual(new Map());
    expect(await ledger.letters('slack', AT)).toEqual([]);
    expect(await table.get('notify|slack', 'letter|wait|x')).toBeUndefined();
  });
});

describe('events that wait for a place', () => {
  it('wait once, the oldest first', async () => {
    const ledger = makeNotifyLedger(makeMemoryTable());
    expect(await ledger.post('slack', { ...letter('late'), postedAt: AT })).toBe(true);
    expect(await ledger.post('slack', letter('early'))).toBe(true);
    expect(await ledger.post('slack', letter('early'))).toBe(false);
    const ids = (await ledger.letters('slack', AT)).map((one) => one.event.id);
    expect(ids).toEqual(['early', 'late']);
  });

  it('do not wait again within days after they were told', async () => {
    const table = makeMemoryTable();
    const ledger = makeNotifyLedger(table);
    await ledger.post('slack', letter('e'));
    await ledger.settle('slack', { ...NOTHING, letters: [letter('e')] });
    expect(await ledger.post('slack', letter('e'))).toBe(false);
    expect(await ledger.letters('slack', '2026-12-02T03:00:00.000Z')).toEqual([]);
    expect(await ledger.post('slack', letter('e'))).toBe(true);
  });

  it('one that was told, and was still there when the power went, is not told again', async () => {
    const table = makeMemoryTable();
    const ledger = makeNotifyLedger({ ...table, remove: async () => undefined });
    await ledger.post('slack', letter('e'));
    await ledger.settle('slack', { ...NOTHING, letters: [letter('e')] });
    expect(await ledger.letters('slack', AT)).toEqual([]);
  });

  it('one that is too long for a row goes without what is long in it', async () => {
    const ledger = makeNotifyLedger(makeMemoryTable());
    const data = { target: 'contoso-gw', findings: 'x'.repeat(40_000) };
    await ledger.post('slack', letter('e', { data }));
    const [kept] = await ledger.letters('slack', AT);
    expect(kept?.event.data).toEqual({ target: 'contoso-gw' });
  });
});

describe('the report to tell of', () => {
  it('is the last that was handed over, and is closed only if none came meanwhile', async () => {
    const ledger = makeNotifyLedger(makeMemoryTable());
    expect(await ledger.handedOver('slack')).toBeUndefined();
    await ledger.handOver('slack', 'one');
    const seen = await ledger.handedOver('slack');
    await ledger.handOver('slack', 'two');
    if (seen !== undefined) await ledger.close('slack', seen);
    expect(await ledger.handedOver('slack')).toMatchObject({ report: 'two' });
  });
});

describe('places that could not be told', () => {
  it('are found while the rules name them, until something gets through', async () => {
    const table = makeMemoryTable();
    const ledger = makeNotifyLedger(table);
    const problem = { code: 'NOTIFICATION_REFUSED', message: 'slack refused it.' } as const;
    await ledger.noteFailure('slack', { problem, at: AT });
    await ledger.noteFailure('teams:gone', { problem, at: AT });
    const failures = makeNotifyFailures(table, ['slack', 'webhook']);
    expect(await failures.undelivered()).toEqual([
      { place: 'slack', message: 'slack refused it.', at: AT },
    ]);
    await ledger.clearFailure('slack');
    await ledger.clearFailure('slack');
    expect(await failures.undelivered()).toEqual([]);
  });
});
