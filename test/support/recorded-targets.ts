/** Targets as a sync leaves them, and their recording in the ledger. */
import { makeRecordSync, type RecordSyncInput } from '../../functions/activities/record-sync.ts';
import type { Binding } from '../../shared/domain/binding.ts';
import type { TargetOutcome } from '../../shared/domain/outcome.ts';
import { formatTarget } from '../../shared/domain/target.ts';
import { makePresent, NEW_THUMBPRINT, NOW, PROBLEM, SOURCE, TARGET } from './domain-samples.ts';
import { makeMemoryHistory } from './memory-history.ts';
import type { MemoryLedger } from './memory-ledger.ts';

export const ANOTHER = { ...TARGET, id: 'another' };
export type Recorded = RecordSyncInput['targets'][number];

/** A target that a sync ended with an outcome; current unless said otherwise. */
export function ended(outcome: Partial<TargetOutcome>, other: Partial<Recorded> = {}): Recorded {
  const target = other.target ?? TARGET;
  return {
    target,
    origin: 'tag',
    claimed: true,
    versionless: true,
    outcome: {
      target: formatTarget(target),
      outcome: 'current',
      reason: 'AlreadyCurrent',
      ...outcome,
    },
    ...other,
  };
}

export const rotated = (other: Partial<Recorded> = {}) =>
  ended({ outcome: 'rotated', reason: 'NewVersion', thumbprint: NEW_THUMBPRINT }, other);
export const blocked = (other: Partial<Recorded> = {}) =>
  ended({ outcome: 'blocked', reason: 'Refused', problem: PROBLEM }, other);

/** Records a sync of the targets, twice, and answers the bindings that it leaves. */
export async function record(
  ledger: MemoryLedger,
  targets: readonly Recorded[],
  other: Partial<RecordSyncInput> = {},
): Promise<readonly Binding[]> {
  const input: RecordSyncInput = {
    source: SOURCE,
    observation: makePresent(),
    problems: [],
    targets,
    unbind: false,
    ignored: false,
    at: NOW,
    ...other,
  };
  const run = makeRecordSync(ledger, makeMemoryHistory());
  await run(input);
  const once = await ledger.ofSource(SOURCE);
  const claims = new Map(ledger.claims);
  // The engine may run an activity again: whatever the case, twice must leave what once leaves.
  await run(input);
  expect(await ledger.ofSource(SOURCE)).toEqual(once);
  expect(ledger.claims).toEqual(claims);
  return once.bindings;
}
