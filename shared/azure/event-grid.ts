import { EventGridPublisherClient } from '@azure/eventgrid';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { assignOwnRole } from './own-rights.ts';
import { toDomainError } from './to-domain-error.ts';
import type { OutcomePublisher } from '../domain/event-ports.ts';

/** What every event names as its source. */
const EVENT_SOURCE = 'urn:certkeeper';

/**
 * Publishes outcomes to a custom topic as CloudEvents 1.0.
 * @param endpoint the topic's endpoint; undefined = nothing is published
 */
export function makeOutcomePublisher(
  endpoint: string | undefined,
  credential: TokenCredential,
  httpClient: HttpClient,
): OutcomePublisher {
  if (endpoint === undefined) return { publish: () => Promise.resolve() };
  const client = new EventGridPublisherClient(endpoint, 'CloudEvent', credential, {
    retryOptions: { maxRetries: 0 },
    httpClient,
  });
  return {
    async publish(events) {
      try {
        await client.send(
          events.map(({ id, type, subject, time, data }) => ({
            id,
            type,
            subject,
            source: EVENT_SOURCE,
            time: new Date(time),
            data: { ...data },
          })),
        );
      } catch (error) {
        throw toDomainError(error, {
          resource: endpoint,
          doing: 'publish to the Event Grid topic',
          grant: assignOwnRole('EventGrid Data Sender', '{id of the topic}'),
        });
      }
    },
  };
}
