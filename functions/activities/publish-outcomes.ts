import { createHash } from 'node:crypto';
import { isHarm } from '../../shared/domain/breaking.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import {
  isChange,
  isVerified,
  type OutcomeKind,
  type TargetOutcome,
} from '../../shared/domain/outcome.ts';
import type { OutcomeEvent, OutcomePublisher } from '../../shared/domain/event-ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';

export interface PublishInput {
  readonly instanceId: string;
  readonly source: Source;
  readonly version?: string;
  /** ISO 8601. */
  readonly at: string;
  readonly targets: readonly TargetOutcome[];
  readonly problems: readonly Problem[];
  readonly warnings?: readonly Problem[];
}

/**
 * Publishes one event for each target that changed or was refused, beside it what became of
 * references to it, and one for each problem of the source itself. Ids are made of what happened, so that an event published twice is recognised.
 */
export function makePublishOutcomes(publisher: OutcomePublisher) {
  return async (input: PublishInput): Promise<null> => {
    const events = [
      ...input.targets.flatMap((outcome) => toTargetEvents(input, outcome)),
      ...input.problems.map((problem) => toEvent(input, 'Certkeeper.SyncFailed', { problem })),
      ...(input.warnings ?? []).map((problem) =>
        toEvent(input, 'Certkeeper.VersionSuspect', { problem }),
      ),
    ];
    if (events.length > 0) await publisher.publish(events);
    return null;
  };
}

function toTargetEvents(input: PublishInput, outcome: TargetOutcome): OutcomeEvent[] {
  const { target, thumbprint, previousThumbprint, warnings = [], repaired } = outcome;
  const about = {
    target,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(previousThumbprint === undefined ? {} : { previousThumbprint }),
  };
  return [
    ...toMainEvent(input, outcome),
    ...(repaired === undefined
      ? []
      : [toEvent(input, 'Certkeeper.ReferencesRepaired', { ...about, ...repaired })]),
    // What was left as it is broke nothing.
    ...(isVerified(outcome) ? warnings.filter(isHarm) : []).map((problem) =>
      toEvent(input, 'Certkeeper.ReferencesBroken', { ...about, problem }),
    ),
  ];
}

/** What happened at the target itself; nothing where only its references were repaired. */
function toMainEvent(input: PublishInput, outcome: TargetOutcome): OutcomeEvent[] {
  if (isChange(outcome)) {
    const type = EVENT_OF[outcome.outcome] ?? 'Certkeeper.CertificateRotated';
    return [toEvent(input, type, { ...outcome })];
  }
  const isBad = outcome.problem !== undefined || !isVerified(outcome);
  return isBad ? [toEvent(input, 'Certkeeper.SyncFailed', { ...outcome })] : [];
}

const EVENT_OF: Partial<Record<OutcomeKind, OutcomeEvent['type']>> = {
  attached: 'Certkeeper.CertificateAttached',
  removed: 'Certkeeper.CertificateDetached',
};

function toEvent(
  { instanceId, source, version, at }: PublishInput,
  type: OutcomeEvent['type'],
  about: Readonly<Record<string, unknown>>,
): OutcomeEvent {
  const data = {
    vault: source.vault,
    certificate: source.name,
    ...(version === undefined ? {} : { version }),
    operation: instanceId,
    ...about,
  };
  const id = createHash('sha256')
    .update(JSON.stringify([type, at, data]))
    .digest('hex')
    .slice(0, 32);
  return { id, type, subject: formatSource(source), time: at, data };
}
