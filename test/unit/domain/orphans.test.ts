import type { Orphan, SourceSighting } from '../../../shared/domain/cleanup.ts';
import {
  dueAt,
  findDoubted,
  judgeTraceless,
  nextOrphan,
  settledAt,
} from '../../../shared/domain/orphans.ts';
import { REMOVING } from '../../support/cleanup-world.ts';
import { TARGET } from '../../support/domain-samples.ts';

const DAY_1 = '2026-08-01T00:00:00.000Z';
const DAY_2 = '2026-08-02T00:00:00.000Z';
const DAY_8 = '2026-08-08T00:00:00.000Z';
const DAY_90 = '2026-10-30T00:00:00.000Z';
const DELETED = {
  kind: 'soft-deleted',
  recoverableUntil: DAY_90,
  tags: {},
} as const satisfies SourceSighting;
const TRACELESS = { kind: 'traceless' } as const;

const orphan = (more: Partial<Orphan> = {}): Orphan => ({
  target: TARGET,
  fate: 'soft-deleted',
  since: DAY_1,
  seenAt: DAY_1,
  recoverableUntil: DAY_90,
  told: true,
  ...more,
});
const next = (known: Orphan | undefined, sighting: typeof DELETED | typeof TRACELESS) =>
  nextOrphan(known, TARGET, sighting, { at: DAY_2, handsOff: false });

describe('An orphan', () => {
  test('is one since a sweep first found its source gone', () => {
    expect(next(undefined, DELETED)).toEqual(orphan({ since: DAY_2, seenAt: DAY_2, told: false }));
    expect(next(orphan(), DELETED)).toEqual(orphan({ seenAt: DAY_2 }));
  });

  test('keeps everything that was found out about it', () => {
    const kept = { code: 'TARGET_IN_USE', message: 'a backend' } as const;
    const known = orphan({
      ...{ kept, removeAfter: DAY_8, doubted: { told: true } },
      ...{ handsOff: true, judged: true },
    });
    expect(next(known, DELETED)).toEqual({ ...known, seenAt: DAY_2 });
  });

  test('is purged once the vault has no trace of it, since it had none', () => {
    const purged = next(orphan(), TRACELESS);
    expect(purged).toEqual(orphan({ fate: 'purged', seenAt: DAY_2, tracelessSince: DAY_2 }));
    const later = nextOrphan(purged, TARGET, TRACELESS, { at: DAY_8, handsOff: false });
    expect(later).toMatchObject({ tracelessSince: DAY_2, since: DAY_1 });
  });

  test.each<[sentence: string, known: Orphan]>([
    ['was brought back and deleted once more', orphan({ recoverableUntil: DAY_8 })],
    [
      'was only being deleted when it left no trace',
      orphan({ fate: 'purged', tracelessSince: DAY_1 }),
    ],
    ['was seen to be back, which nobody was told', orphan({ backAt: DAY_1 })],
  ])('begins anew when it %s, is judged anew, and not told again', (_, known) => {
    const anew = next({ ...known, removeAfter: DAY_8, judged: true }, DELETED);
    expect(anew).toEqual(orphan({ since: DAY_2, seenAt: DAY_2 }));
  });
});

describe('When it is due', () => {
  test.each<[sentence: string, orphan: Orphan, afterRecovery: boolean, due: string | undefined]>([
    ['after its grace', orphan(), false, DAY_8],
    ['not while it can be recovered, if so set', orphan(), true, DAY_90],
    ['after its grace when that ends later', orphan({ recoverableUntil: DAY_2 }), true, DAY_8],
    ['after its grace when it was purged', orphan({ fate: 'purged' }), true, DAY_8],
  ])('%s', (_, one, afterRecovery, due) => {
    expect(dueAt(one, { ...REMOVING, afterRecovery })).toBe(due);
  });

  test('is not known while the vault does not say until when it can be recovered', () => {
    const { recoverableUntil: _, ...unknown } = orphan();
    expect(dueAt(unknown, { ...REMOVING, afterRecovery: true })).toBeUndefined();
  });
});

describe('A source without a trace is gone for good', () => {
  const traceless = orphan({ fate: 'purged', tracelessSince: DAY_2 });

  test.each<[sentence: string, orphan: Orphan, graceSeconds: number, settled: string | undefined]>([
    ['a quarter of an hour later', traceless, 604_800, '2026-08-02T00:15:00.000Z'],
    ['after the grace when that is shorter', traceless, 5, '2026-08-02T00:00:05.000Z'],
    [
      'at once when its time had run out',
      { ...traceless, recoverableUntil: DAY_1 },
      604_800,
      DAY_1,
    ],
    ['not before its time runs out when no sweep has seen it so', orphan(), 604_800, DAY_90],
  ])('%s', (_, one, graceSeconds, settled) => {
    expect(settledAt(one, { ...REMOVING, graceSeconds })).toBe(settled);
  });

  test.each<
    [
      sentence: string,
      known: Orphan | undefined,
      verified: string | undefined,
      alive: string[],
      says: ReturnType<typeof judgeTraceless>,
    ]
  >([
    ['when it was found gone before', orphan(), DAY_2, [], 'purged'],
    ['when something in the vault is older', undefined, DAY_2, [DAY_8, DAY_1], 'purged'],
    ['not when everything in the vault is younger', undefined, DAY_1, [DAY_2, DAY_8], 'vault-anew'],
    ['not when the vault is empty', undefined, DAY_1, [], 'vault-anew'],
    ['not when it was seen to be back since', orphan({ backAt: DAY_2 }), DAY_1, [], 'vault-anew'],
    ['not when it never was verified', undefined, undefined, [DAY_1, DAY_8], 'unknown'],
    ['not when it never was, and nothing is there', undefined, undefined, [], 'unknown'],
  ])('%s', (_, known, verified, alive, says) => {
    expect(judgeTraceless(known, verified, alive)).toBe(says);
  });
});

describe('Orphans are doubted', () => {
  const now = '2026-08-02T12:00:00.000Z';
  const doubted = (facts: Partial<Parameters<typeof findDoubted>[0]>) =>
    findDoubted({
      orphans: [],
      removals: [],
      bound: 8,
      maxShare: 0.25,
      confirmedAt: undefined,
      now,
      ...facts,
    }).length;
  const some = (count: number, since: string) =>
    Array.from({ length: count }, () => orphan({ since, judged: true }));
  const removed = (since: string, removedAt: string) => ({ since, removedAt });

  test.each<[sentence: string, count: number, facts: Parameters<typeof doubted>[0]]>([
    ['never when there are only two', 0, { orphans: some(2, DAY_2), bound: 2 }],
    ['when there are more than their share', 3, { orphans: some(3, DAY_2) }],
    ['not up to their share', 0, { orphans: some(3, DAY_2), bound: 12 }],
    [
      'not when they began on different days',
      0,
      { orphans: [...some(2, DAY_1), ...some(2, DAY_2)] },
    ],
    [
      'however long ago they began, when no clean-up has judged them yet',
      3,
      { orphans: some(3, '2026-06-01T00:00:00.000Z').map(({ judged: _, ...one }) => one) },
    ],
    [
      'together with what was removed that day',
      1,
      {
        orphans: some(1, DAY_2),
        removals: [removed(DAY_1, DAY_2), removed(DAY_1, DAY_2)],
        bound: 4,
      },
    ],
    [
      'not for what was removed before',
      0,
      { orphans: some(1, DAY_2), removals: [removed(DAY_1, DAY_1), removed(DAY_1, DAY_1)] },
    ],
    ['not when somebody has confirmed them', 0, { orphans: some(5, DAY_2), confirmedAt: now }],
    [
      'when more came after that',
      3,
      { orphans: [...some(5, DAY_2), ...some(3, now)], confirmedAt: DAY_2 },
    ],
    [
      'not for those that asked to be left alone',
      0,
      { orphans: some(5, DAY_2).map((one) => ({ ...one, handsOff: true as const })) },
    ],
  ])('%s', (_, count, facts) => {
    expect(doubted(facts)).toBe(count);
  });
});
