import { formatApproved } from '../../../cli/show/approved.ts';
import { formatDetaching } from '../../../cli/show/detaching.ts';
import { formatOperation } from '../../../cli/show/operation.ts';
import {
  APPROVED,
  OPERATION,
  PLAIN,
  PROBLEM,
  TARGET,
  unfolded,
} from '../../support/shown-answers.ts';

describe('An operation', () => {
  test('names what is worth a look, and what was rewritten', () => {
    const text = formatOperation(OPERATION, PLAIN);
    expect(text).toContain('Worth a look\n');
    expect(text).toContain('(VERSION_SUSPECT)');
    expect(text).toContain('(REFERENCES_WOULD_BREAK)');
    expect(text).toContain('  contoso-gw/apis/orders/policies/policy\n  … and 3 more');
    expect(text).toContain('npx certkeeper repairs --certificate contoso-kv/gateway-client');
  });

  test.each(['VersionHeld', 'WouldBreak'])('that holds a version (%s) says how to go on', (why) => {
    const targets = [{ target: TARGET, outcome: 'blocked', reason: why, problem: PROBLEM }];
    expect(formatOperation({ ...OPERATION, state: 'blocked', targets }, PLAIN)).toMatch(
      /Let it through all the same: {2}npx certkeeper approve contoso-kv\/gateway-client$/,
    );
  });
});

test('An approval says what it is for, and until when it counts', () => {
  const { until: _, ...looks } = APPROVED;
  expect(unfolded(formatApproved(looks, PLAIN))).toMatch(/does not look like the one before it\.$/);
  expect(unfolded(formatApproved(APPROVED, PLAIN))).toMatch(
    /may go out until 2026-11-22 10:00:00 UTC, though that breaks/,
  );
});

test('What was detached within the call is told as done', () => {
  const targets = [{ target: TARGET, step: 'remove' }];
  expect(formatDetaching({ dryRun: true, targets }, PLAIN)).toMatch(/Nothing was changed\.$/);
  expect(formatDetaching({ dryRun: false, targets }, PLAIN)).toMatch(/was taken away there$/);
});
