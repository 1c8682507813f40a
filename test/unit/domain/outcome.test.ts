import {
  isChange,
  isVerified,
  judge,
  type OutcomeKind,
  type TargetOutcome,
} from '../../../shared/domain/outcome.ts';
import { PROBLEM } from '../../support/domain-samples.ts';

const ended = (outcome: OutcomeKind): TargetOutcome => ({
  target: 'contoso-gw/certificates/a',
  outcome,
  reason: 'NewVersion',
});

describe('An outcome', () => {
  test.each<[OutcomeKind, verified: boolean, change: boolean]>([
    ['attached', true, true],
    ['rotated', true, true],
    ['repointed', true, true],
    ['current', true, false],
    ['blocked', false, false],
    ['failed', false, false],
    ['released', false, false],
  ])('%s is verified: %s, a change: %s', (outcome, verified, change) => {
    expect(isVerified(ended(outcome))).toBe(verified);
    expect(isChange(ended(outcome))).toBe(change);
  });
});

describe('A sync', () => {
  test.each<[sentence: string, kinds: OutcomeKind[], verdict: string]>([
    ['without targets has succeeded', [], 'succeeded'],
    [
      'whose targets are all in order has succeeded',
      ['rotated', 'current', 'released'],
      'succeeded',
    ],
    ['with one blocked target is blocked', ['rotated', 'blocked'], 'blocked'],
    ['with one failed target has failed', ['rotated', 'failed'], 'failed'],
    ['with a blocked and a failed one has failed', ['blocked', 'failed'], 'failed'],
  ])('%s', (_, kinds, verdict) => {
    expect(judge(kinds.map(ended), [])).toBe(verdict);
  });

  test('with a problem of its own is blocked, even if every target is in order', () => {
    expect(judge([ended('current')], [PROBLEM])).toBe('blocked');
    expect(judge([ended('failed')], [PROBLEM])).toBe('failed');
  });
});
