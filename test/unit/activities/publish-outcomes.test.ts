import { makePublishOutcomes } from '../../../functions/activities/publish-outcomes.ts';
import type { TargetOutcome } from '../../../shared/domain/outcome.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';
import { NOW, PROBLEM, SOURCE } from '../../support/domain-samples.ts';

async function publish(outcome: Partial<TargetOutcome>): Promise<readonly OutcomeEvent[]> {
  const events: OutcomeEvent[] = [];
  const run = makePublishOutcomes({
    publish: (some) => {
      events.push(...some);
      return Promise.resolve();
    },
  });
  const target = {
    target: 'contoso-gw/certificates/gateway-client',
    outcome: 'rotated',
    reason: 'NewVersion',
    ...outcome,
  } as const;
  await run({ instanceId: 'sync-1', source: SOURCE, at: NOW, targets: [target], problems: [] });
  return events;
}

describe('What becomes of references to a target is published', () => {
  const warning = { code: 'REFERENCES_WOULD_BREAK', message: 'A policy refers to it so.' } as const;
  const repaired = { documents: ['apis/orders/policies/policy'] };

  test.each<[sentence: string, outcome: Partial<TargetOutcome>, types: readonly string[]]>([
    ['not at all where there are none', {}, ['Certkeeper.CertificateRotated']],
    [
      'beside the rotation that broke them',
      { warnings: [warning] },
      ['Certkeeper.CertificateRotated', 'Certkeeper.ReferencesBroken'],
    ],
    [
      'beside the rotation for which they were repaired',
      { repaired },
      ['Certkeeper.CertificateRotated', 'Certkeeper.ReferencesRepaired'],
    ],
    [
      'by itself, where the target was in order',
      { outcome: 'current', reason: 'AlreadyCurrent', repaired },
      ['Certkeeper.ReferencesRepaired'],
    ],
    [
      'without a word of what another certificate keeps resolving',
      { warnings: [{ ...warning, code: 'REFERENCE_RESOLVES' }] },
      ['Certkeeper.CertificateRotated'],
    ],
    [
      'without a word of what is broken, where the target was left as it is',
      { outcome: 'blocked', reason: 'WouldBreak', problem: PROBLEM, repaired, warnings: [warning] },
      ['Certkeeper.SyncFailed', 'Certkeeper.ReferencesRepaired'],
    ],
  ])('%s', async (_, outcome, types) => {
    const events = await publish(outcome);
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });
});
