import { createHash } from 'node:crypto';
import { TerminalError, TransientError } from '../../shared/domain/errors.ts';
import type { OutcomeEvent, OutcomePublisher } from '../../shared/domain/event-ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { formatTarget, type Target } from '../../shared/domain/target.ts';

/**
 * Publishes events. `later`: they could not be told now, and are news to the next look; `refused`:
 * asking again will not help, and what happened must not wait for it.
 */
export async function tell(
  publisher: OutcomePublisher,
  events: readonly OutcomeEvent[],
): Promise<'told' | 'later' | 'refused'> {
  if (events.length === 0) return 'told';
  try {
    await publisher.publish(events);
    return 'told';
  } catch (error) {
    if (error instanceof TransientError) return 'later';
    if (error instanceof TerminalError) return 'refused';
    throw error;
  }
}

/** What an event says, and what makes it the one that it is. */
export interface News {
  readonly type: OutcomeEvent['type'];
  /** ISO 8601. */
  readonly at: string;
  readonly operation: string;
  /** With the type and the subject: published again it has the same id. */
  readonly identity: readonly unknown[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event about a target of a source. */
export function toTargetEvent(source: Source, target: Target, news: News): OutcomeEvent {
  const path = formatTarget(target);
  return toEvent(formatSource(source), {
    ...news,
    identity: [path, ...news.identity],
    data: { vault: source.vault, certificate: source.name, target: path, ...news.data },
  });
}

export function toEvent(
  subject: string,
  { type, at, operation, identity, data }: News,
): OutcomeEvent {
  return {
    id: createHash('sha256')
      .update(JSON.stringify([type, subject, ...identity]))
      .digest('hex')
      .slice(0, 32),
    type,
    subject,
    time: at,
    data: { ...data, operation },
  };
}
