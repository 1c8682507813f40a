import fc from 'fast-check';
import { found, passed, unknown, type AccessCheck } from '../../../shared/domain/access-check.ts';
import { nextAccess, type AccessRecord } from '../../../shared/domain/access-record.ts';
import { NOW, PROBLEM, TARGET } from '../../support/domain-samples.ts';

const EARLIER = '2026-07-01T00:00:00.000Z';
const what = (code: 'PERMISSION_MISSING' | 'VAULT_FIREWALL' | 'PERMISSION_CONDITIONAL') => ({
  code,
  resource: '/kv',
  message: code,
  cure: 'az …',
});
const FINE = passed('vault', '/kv', 'it is there');
const NO_ROLE = found('permission', 'blocks', what('PERMISSION_MISSING'));
const FIREWALL = found('firewall', 'blocks', what('VAULT_FIREWALL'));
const CONDITION = found('permission', 'may-block', what('PERMISSION_CONDITIONAL'));
const UNSEEN = unknown('vault', PROBLEM);

const known = (more: Partial<AccessRecord>): AccessRecord => ({
  target: TARGET,
  verdict: 'clear',
  problems: [],
  checkedAt: EARLIER,
  since: EARLIER,
  told: [],
  ...more,
});
const BROKEN = known({ verdict: 'blocks', told: ['PERMISSION_MISSING'] });
const next = (before: AccessRecord | undefined, ...checks: AccessCheck[]) =>
  nextAccess(before, TARGET, checks, NOW);

describe('The access of a binding', () => {
  test.each<
    [
      sentence: string,
      before: AccessRecord | undefined,
      checks: AccessCheck[],
      change: string | undefined,
    ]
  >([
    ['is no news when it is fine at the first look', undefined, [FINE], undefined],
    ['is news when it is blocked at the first look', undefined, [FINE, NO_ROLE], 'broken'],
    ['is news when it comes to be blocked', known({}), [NO_ROLE], 'broken'],
    ['is no news when it is blocked still', BROKEN, [NO_ROLE], undefined],
    ['is news when something else blocks it', BROKEN, [NO_ROLE, FIREWALL], 'broken'],
    [
      'is no news when less blocks it',
      { ...BROKEN, told: ['PERMISSION_MISSING', 'VAULT_FIREWALL'] },
      [FIREWALL],
      undefined,
    ],
    ['is news when it comes right', BROKEN, [FINE], 'restored'],
    ['is news when it only may be blocked any more', BROKEN, [CONDITION], 'restored'],
    ['is no news when it only may be blocked', known({}), [CONDITION], undefined],
    ['is no news when Certkeeper cannot look', BROKEN, [UNSEEN], undefined],
  ])('%s', (_, before, checks, change) => {
    expect(next(before, ...checks).change).toBe(change);
  });

  test('keeps what was told while Certkeeper cannot look, and tells what comes after', () => {
    const { record } = next(BROKEN, UNSEEN);
    expect(record).toMatchObject({ verdict: 'unknown', told: ['PERMISSION_MISSING'], since: NOW });
    expect(next(record, NO_ROLE).change).toBeUndefined();
    expect(next(record, FINE).change).toBe('restored');
  });

  test('is what it is since the verdict changed', () => {
    expect(next(BROKEN, NO_ROLE).record).toMatchObject({ since: EARLIER, checkedAt: NOW });
    expect(next(BROKEN, FINE).record).toMatchObject({ since: NOW, verdict: 'clear', told: [] });
  });

  test('says what stands in the way, the surest first', () => {
    const { problems } = next(undefined, UNSEEN, CONDITION, FIREWALL).record;
    expect(problems.map(({ code }) => code)).toEqual([
      'VAULT_FIREWALL',
      'PERMISSION_CONDITIONAL',
      'AZURE_REFUSED',
    ]);
  });

  test('is told as broken and restored in turn, whatever is seen', () => {
    const looks = fc.array(fc.subarray([FINE, NO_ROLE, FIREWALL, CONDITION, UNSEEN]), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(looks, (all) => {
        let record: AccessRecord | undefined;
        let broken = false;
        for (const checks of all) {
          const { change, record: after } = nextAccess(record, TARGET, checks, NOW);
          record = after;
          // Restored is only what was broken; and what blocks has been told.
          if (change === 'restored') expect(broken).toBe(true);
          if (change !== undefined) broken = change === 'broken';
          if (record.verdict === 'blocks') expect(broken).toBe(true);
          if (record.verdict === 'clear') expect(broken).toBe(false);
        }
      }),
    );
  });
});
