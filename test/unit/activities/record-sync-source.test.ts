import { makeRecordSync } from '../../../functions/activities/record-sync.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import {
  makeBinding,
  makeLooks,
  makePresent,
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_VERSION,
  PROBLEM,
  SOURCE,
} from '../../support/domain-samples.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';
import {
  ANOTHER,
  blocked,
  ended,
  record,
  rotated,
  type Recorded,
} from '../../support/recorded-targets.ts';

describe('The record of a source after a sync', () => {
  const recordOf = async (ledger: MemoryLedger) => (await ledger.ofSource(SOURCE)).record;

  test('says what was seen of it, and when', async () => {
    const ledger = makeMemoryLedger();
    await record(ledger, [], { problems: [PROBLEM] });
    await expect(recordOf(ledger)).resolves.toMatchObject({
      source: SOURCE,
      version: NEW_VERSION,
      thumbprint: NEW_THUMBPRINT,
      enabled: true,
      expiresAt: '2027-07-25T01:00:00.000Z',
      seenAt: NOW,
      problems: [PROBLEM],
    });
  });

  describe('and what a new version is measured by', () => {
    const before = { version: OLD_VERSION, looks: makeLooks() };
    const looks = makeLooks({ serialNumber: '02' });
    const after = { version: NEW_VERSION, looks };
    const known = { source: SOURCE, verified: before, problems: [] };
    const observation = makePresent({ looks });

    test.each<[sentence: string, targets: Recorded[], verified: object]>([
      [
        'is the version that was verified at a target',
        [rotated(), blocked({ target: ANOTHER })],
        after,
      ],
      ['stays the one before while nothing was verified', [blocked()], before],
      ['stays the one before while nothing is bound', [], before],
    ])('%s', async (_, targets, verified) => {
      const ledger = makeMemoryLedger([makeBinding(), makeBinding({ target: ANOTHER })], [known]);
      await record(ledger, targets, { observation });
      await expect(recordOf(ledger)).resolves.toMatchObject({ verified });
    });

    test.each<[sentence: string, observation: SourceObservation]>([
      ['cannot be read', makePresent()],
      ['is disabled', { kind: 'disabled' }],
      ['is gone', { kind: 'missing' }],
    ])('stays the one before when the certificate %s', async (_, seen) => {
      const ledger = makeMemoryLedger([makeBinding()], [known]);
      await record(ledger, [blocked()], { observation: seen });
      await expect(recordOf(ledger)).resolves.toMatchObject({ verified: before });
    });

    test('stands beside a warning for as long as that version is the current one', async () => {
      const ledger = makeMemoryLedger([makeBinding()], [known]);
      const warning = { code: 'VERSION_SUSPECT', message: 'It looks wrong.' } as const;
      await record(ledger, [rotated()], { observation, warning });
      const suspect = { version: NEW_VERSION, problem: warning };
      await expect(recordOf(ledger)).resolves.toMatchObject({ suspect });
      await record(ledger, [ended({})], { observation });
      await expect(recordOf(ledger)).resolves.toMatchObject({ suspect });
      await record(ledger, [ended({})], { observation: makePresent({ version: 'v3' }) });
      expect(await recordOf(ledger)).not.toHaveProperty('suspect');
    });
  });

  test('forgets a problem that is gone', async () => {
    const ledger = makeMemoryLedger([], [{ source: SOURCE, problems: [PROBLEM] }]);
    await record(ledger, []);
    await expect(recordOf(ledger)).resolves.toMatchObject({ problems: [] });
  });

  test.each([
    ['keeps', 'disabled', { version: OLD_VERSION, enabled: false, seenAt: NOW }],
    ['drops', 'missing', { seenAt: NOW }],
  ] as const)('%s what is known of its version when it is %s', async (_, kind, expected) => {
    const known = { source: SOURCE, version: OLD_VERSION, enabled: true, problems: [] };
    const ledger = makeMemoryLedger([], [known]);
    await record(ledger, [], { observation: { kind } });
    await expect(recordOf(ledger)).resolves.toEqual({ source: SOURCE, problems: [], ...expected });
  });

  test('was not seen when it could not be read', async () => {
    const ledger = makeMemoryLedger();
    const input = {
      source: SOURCE,
      problems: [PROBLEM],
      targets: [],
      unbind: false,
      ignored: false,
      at: NOW,
    };
    await makeRecordSync(ledger, makeMemoryHistory())(input);
    const seen = await recordOf(ledger);
    expect(seen).toMatchObject({ source: SOURCE, problems: [PROBLEM] });
    expect(seen).not.toHaveProperty('seenAt');
  });
});
