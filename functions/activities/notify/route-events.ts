import { eventName, eventSeverity } from '../../../shared/domain/notify/events.ts';
import { kindOfPlace } from '../../../shared/domain/notify/place.ts';
import type { NotifyLedger } from '../../../shared/domain/notify/ports.ts';
import { routesOf, type NotifyRule, type Road } from '../../../shared/domain/notify/rules.ts';
import type { OutcomeEvent, OutcomePublisher } from '../../../shared/domain/event-ports.ts';

export interface RouteEventsPorts {
  readonly publisher: OutcomePublisher;
  readonly notes: Pick<NotifyLedger, 'post'>;
  readonly rules: readonly NotifyRule[];
  /** Names of the places that the rules name. */
  readonly places: readonly string[];
  readonly now: () => Date;
}

/** A publisher that keeps the rules too, and knows who is to be told at once. */
export interface EventRouter extends OutcomePublisher {
  /**
   * Asks for each place to be told for which something was posted; one that cannot be asked for
   * waits until the next time.
   * @returns names of those
   */
  askFor(request: (place: string) => Promise<void>): Promise<readonly string[]>;
}

/**
 * Publishes events as before, and posts them to the places that the rules tell of them. Posting is a
 * write to storage: whoever publishes waits for no receiver. It comes first, so that an event whose
 * publication fails and is tried again is posted once all the same.
 */
export function makeEventRouter(ports: RouteEventsPorts): EventRouter {
  const { publisher, notes, rules, now } = ports;
  // What was posted, and not asked for, before this process began.
  const waiting = new Set(ports.places);
  return {
    async publish(events) {
      for (const event of events) {
        for (const [place, road] of placesFor(rules, event)) {
          const digest = road === 'digest';
          await notes.post(place, { event, digest, postedAt: now().toISOString() });
          if (!digest) waiting.add(place);
        }
      }
      await publisher.publish(events);
    },
    async askFor(request) {
      const late: string[] = [];
      for (const place of [...waiting]) {
        // Before it is asked for: what is posted meanwhile makes it wait again.
        waiting.delete(place);
        await request(place).catch(() => late.push(place));
      }
      for (const place of late) waiting.add(place);
      return late;
    },
  };
}

/** The topic has every event anyway. */
function placesFor(rules: readonly NotifyRule[], { type }: OutcomeEvent): [string, Road][] {
  const severity = eventSeverity(type);
  if (severity === undefined) return [];
  const roads = routesOf(rules, { kind: 'event', code: eventName(type), severity });
  return [...roads].filter(([place]) => kindOfPlace(place) !== 'topic');
}
