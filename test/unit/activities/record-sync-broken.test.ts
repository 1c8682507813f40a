import type { Problem } from '../../../shared/domain/errors.ts';
import { makeBinding, NEW_THUMBPRINT, OLD_THUMBPRINT } from '../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';
import { blocked, ended, record, type Recorded } from '../../support/recorded-targets.ts';

describe('What a rotation broke', () => {
  const warning: Problem = { code: 'REFERENCES_WOULD_BREAK', message: 'A policy refers to it so.' };
  const broken = { thumbprints: [OLD_THUMBPRINT], problems: [warning] };
  const lookedUp = { referred: { lookedUp: [OLD_THUMBPRINT], by: [] } };
  const breaking = ended({
    outcome: 'rotated',
    reason: 'NewVersion',
    thumbprint: NEW_THUMBPRINT,
    previousThumbprint: OLD_THUMBPRINT,
    warnings: [warning],
  });

  test('is noted at the binding, and in the history', async () => {
    const ledger = makeMemoryLedger([makeBinding({ targetThumbprint: OLD_THUMBPRINT })]);
    const [binding] = await record(ledger, [breaking]);
    expect(binding?.broken).toEqual(broken);
  });

  test('stays noted while a later sync finds it still so', async () => {
    const ledger = makeMemoryLedger([makeBinding({ broken })]);
    const still = ended({
      thumbprint: NEW_THUMBPRINT,
      previousThumbprint: NEW_THUMBPRINT,
      warnings: [warning],
    });
    const [binding] = await record(ledger, [still]);
    expect(binding?.broken).toEqual(broken);
  });

  test.each<[sentence: string, outcome: Recorded, noted: boolean]>([
    [
      'goes when a later sync finds nothing left of it',
      { ...ended({ thumbprint: NEW_THUMBPRINT }), ...lookedUp },
      false,
    ],
    [
      'stays when a later sync has not looked it up, however little it warns of',
      ended({ thumbprint: NEW_THUMBPRINT }),
      true,
    ],
    [
      'stays when the next rotation looks up another thumbprint alone',
      {
        ...ended({ outcome: 'rotated', thumbprint: 'C'.repeat(40) }),
        referred: { lookedUp: [NEW_THUMBPRINT], by: [] },
      },
      true,
    ],
    [
      'goes when that thumbprint is the one in place again',
      ended({ outcome: 'rotated', thumbprint: OLD_THUMBPRINT }),
      false,
    ],
    ['stays when a later sync could not verify the target', blocked(), true],
  ])('%s', async (_, outcome, noted) => {
    const ledger = makeMemoryLedger([makeBinding({ broken })]);
    const [binding] = await record(ledger, [outcome]);
    expect(binding?.broken !== undefined).toBe(noted);
  });

  test('is not what another certificate keeps resolving', async () => {
    const ledger = makeMemoryLedger([makeBinding({ targetThumbprint: OLD_THUMBPRINT })]);
    const kept = { ...breaking.outcome, warnings: [{ ...warning, code: 'REFERENCE_RESOLVES' }] };
    const [binding] = await record(ledger, [
      { ...breaking, outcome: kept as typeof breaking.outcome },
    ]);
    expect(binding).not.toHaveProperty('broken');
  });

  test('is added to what an earlier one broke', async () => {
    const ledger = makeMemoryLedger([makeBinding({ broken })]);
    const next: Problem = { ...warning, message: 'A backend refers to it so.' };
    const [binding] = await record(ledger, [
      {
        ...ended({ outcome: 'rotated', thumbprint: 'C'.repeat(40), warnings: [next] }),
        referred: { lookedUp: [NEW_THUMBPRINT], by: [NEW_THUMBPRINT] },
      },
    ]);
    expect(binding?.broken).toEqual({
      thumbprints: [NEW_THUMBPRINT, OLD_THUMBPRINT],
      problems: [next, warning],
    });
  });
});
