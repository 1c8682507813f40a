import { post } from './post.ts';
import { signWebhook } from './sign-webhook.ts';
import { TransientError } from '../domain/errors.ts';
import type { Message } from '../domain/notify/message.ts';
import { addressSetting, secretSetting, type Place } from '../domain/notify/place.ts';
import type { Messenger } from '../domain/notify/ports.ts';
import { toSlackBlocks } from '../domain/notify/slack-blocks.ts';
import { toTeamsCard } from '../domain/notify/teams-card.ts';
import { toTopicEvents } from '../domain/notify/topic-events.ts';
import { toWebhookBody } from '../domain/notify/webhook-body.ts';
import type { OutcomePublisher } from '../domain/event-ports.ts';

/** @param publisher publishes to the custom topic, and asks no rule about it */
export function makeMessenger(publisher: OutcomePublisher, now: () => Date): Messenger {
  return {
    async send(place, message) {
      if (place.kind === 'topic') {
        const events = toTopicEvents(message);
        if (events.length > 0) await publisher.publish(events);
        return;
      }
      const { name, address } = place;
      if (address === undefined) throw unresolved(name, addressSetting(name));
      const body = JSON.stringify(bodyFor(place.kind, message));
      const headers = place.kind === 'webhook' ? signed(place, message.id, body, now()) : {};
      await post({ place: name, address, body, headers });
    },
  };
}

type AddressedPlace = Exclude<Place, { kind: 'topic' }>;

function bodyFor(kind: AddressedPlace['kind'], message: Message): object {
  switch (kind) {
    case 'teams':
      return toTeamsCard(message);
    case 'slack':
      return toSlackBlocks(message);
    case 'webhook':
      return toWebhookBody(message);
  }
}

function signed({ name, signingKey }: AddressedPlace, id: string, body: string, at: Date) {
  // Without a signature nobody could tell who sent it.
  if (signingKey === undefined) throw unresolved(name, secretSetting(name));
  return signWebhook(signingKey, { id, body, at });
}

/** App Service follows the reference anew within a day, or when the app starts. */
function unresolved(place: string, setting: string): TransientError {
  return new TransientError({
    code: 'NOTIFICATION_UNDELIVERED',
    message: `The setting ${setting} is a Key Vault reference that App Service could not follow, so ${place} cannot be told.`,
    resource: place,
    cure: `Look at ${setting} in the function app's settings: it says there why.`,
  });
}
