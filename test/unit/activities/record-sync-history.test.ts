import { makeRecordSync, type RecordSyncInput } from '../../../functions/activities/record-sync.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { formatTarget } from '../../../shared/domain/target.ts';
import {
  makeBinding,
  makePresent,
  NEW_VERSION,
  NOW,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';
import { ANOTHER, blocked, ended, rotated } from '../../support/recorded-targets.ts';

describe('The history of a source after a sync', () => {
  const input = (other: Partial<RecordSyncInput> = {}): RecordSyncInput => ({
    source: SOURCE,
    observation: makePresent(),
    problems: [],
    targets: [],
    unbind: false,
    ignored: false,
    at: NOW,
    ...other,
  });
  const historyOf = async (
    before: readonly Binding[],
    sync: RecordSyncInput,
    told: readonly Problem[] = [],
  ) => {
    const history = makeMemoryHistory();
    const ledger = makeMemoryLedger(before, [{ source: SOURCE, problems: told }]);
    const run = makeRecordSync(ledger, history);
    await run(sync);
    // The activity may run again, with the ledger written already.
    await run(sync);
    return await history.list(SOURCE);
  };
  const PATH = formatTarget(TARGET);

  test.each<[sentence: string, before: Binding[], sync: RecordSyncInput, entry: object]>([
    [
      'says that a target was rotated, to which version, and by whom',
      [makeBinding()],
      input({ targets: [rotated()] }),
      {
        source: SOURCE,
        at: NOW,
        what: 'sync',
        by: { kind: 'platform' },
        verdict: 'succeeded',
        version: NEW_VERSION,
        targets: [{ target: PATH, outcome: 'rotated', reason: 'NewVersion' }],
      },
    ],
    [
      'says what newly stands in the way, by its code',
      [makeBinding()],
      input({ targets: [blocked()] }),
      {
        verdict: 'blocked',
        targets: [{ target: PATH, outcome: 'blocked', reason: 'Refused', problem: PROBLEM.code }],
      },
    ],
    [
      'says that what stood in the way is gone',
      [makeBinding({ status: 'blocked', problem: PROBLEM })],
      input({ targets: [ended({})] }),
      { targets: [{ target: PATH, outcome: 'current', reason: 'AlreadyCurrent' }] },
    ],
    [
      'says that a discovered target was found in order for the first time',
      [makeBinding({ origin: 'discovered', status: 'pending' })],
      input({ targets: [ended({}, { origin: 'discovered' })] }),
      { targets: [{ target: PATH, outcome: 'current', reason: 'AlreadyCurrent' }] },
    ],
    [
      'names the targets that were news and no others',
      [makeBinding(), makeBinding({ target: ANOTHER })],
      input({ targets: [rotated(), ended({}, { target: ANOTHER })] }),
      { targets: [{ target: PATH, outcome: 'rotated', reason: 'NewVersion' }] },
    ],
    [
      'says that a discovered target is gone',
      [makeBinding({ origin: 'discovered' })],
      input({ targets: [ended({ outcome: 'released', reason: 'TargetGone' })] }),
      { targets: [{ target: PATH, outcome: 'released', reason: 'TargetGone' }] },
    ],
    [
      'says what the tag gave up',
      [makeBinding()],
      input({ unbind: true }),
      { targets: [{ target: PATH, outcome: 'released', reason: 'TagSaysNone' }] },
    ],
    [
      'says which ask was withdrawn',
      [makeBinding({ claimed: false }), makeBinding({ target: ANOTHER })],
      input({ targets: [ended({}, { target: ANOTHER })] }),
      { targets: [{ target: PATH, outcome: 'released', reason: 'AskWithdrawn' }] },
    ],
    [
      'says what stands in the way of the whole certificate',
      [],
      { ...input({ problems: [PROBLEM] }) },
      { verdict: 'blocked', problems: [PROBLEM.code] },
    ],
  ])('%s', async (_, before, sync, entry) => {
    const entries = await historyOf(before, sync);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject(entry);
  });

  test('names who asked for the sync', async () => {
    const by = { kind: 'entra', id: 'an-id', name: 'Ann' } as const;
    const entries = await historyOf([makeBinding()], input({ targets: [rotated()], by }));
    expect(entries).toMatchObject([{ by }]);
  });

  test('says that the certificate as a whole is in order again', async () => {
    const entries = await historyOf([], input(), [PROBLEM]);
    expect(entries).toMatchObject([{ verdict: 'succeeded' }]);
    expect(entries[0]).not.toHaveProperty('problems');
  });

  test('says nothing of a sync that found what was known', async () => {
    await expect(historyOf([makeBinding()], input({ targets: [ended({})] }))).resolves.toEqual([]);
    const still = [makeBinding({ status: 'blocked', problem: PROBLEM })];
    await expect(historyOf(still, input({ targets: [blocked()] }))).resolves.toEqual([]);
    const whole = input({ problems: [PROBLEM] });
    await expect(historyOf([], whole, [PROBLEM])).resolves.toEqual([]);
  });

  test('is written once when the activity fails after it and runs again', async () => {
    const history = makeMemoryHistory();
    const ledger = makeMemoryLedger([makeBinding()]);
    const failing = { ...ledger, save: () => Promise.reject(new Error('the power is gone')) };
    const sync = input({ targets: [rotated()] });
    await expect(makeRecordSync(failing, history)(sync)).rejects.toThrow();
    await makeRecordSync(ledger, history)(sync);
    await expect(history.list(SOURCE)).resolves.toMatchObject([{ verdict: 'succeeded' }]);
  });
});
