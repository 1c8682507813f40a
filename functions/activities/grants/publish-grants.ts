import { createHash } from 'node:crypto';
import type { Given } from '../../../shared/contracts/grant.ts';
import type { OutcomePublisher } from '../../../shared/domain/event-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';

/**
 * Publishes one event for each thing that was given. Ids are made of what was given and when, so
 * that an event published twice is recognised.
 */
export function makePublishGrants(publisher: OutcomePublisher) {
  return async (input: {
    readonly source: Source;
    readonly target: string;
    readonly operation: string;
    readonly given: readonly Given[];
  }): Promise<null> => {
    const { source, target, operation } = input;
    const events = input.given.map(({ at, kind: grant, ...given }) => ({
      id: createHash('sha256')
        .update(JSON.stringify([grant, given.resource, given.principalId ?? '', at]))
        .digest('hex')
        .slice(0, 32),
      type: 'Certkeeper.AccessGranted' as const,
      subject: formatSource(source),
      time: at,
      data: { vault: source.vault, certificate: source.name, operation, target, grant, ...given },
    }));
    if (events.length > 0) await publisher.publish(events);
    return null;
  };
}
