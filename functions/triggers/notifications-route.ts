import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { TerminalError, TransientError, type Problem } from '../../shared/domain/errors.ts';
import type { Message } from '../../shared/domain/notify/message.ts';
import type { Place } from '../../shared/domain/notify/place.ts';
import type { Messenger } from '../../shared/domain/notify/ports.ts';
import { testedSchema } from '../../shared/http/notification-view.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

export interface NotificationRoutePorts {
  readonly messenger: Messenger;
  readonly places: readonly Place[];
  readonly now: () => Date;
}

/**
 * `POST /api/notifications/test`: sends a message to every place that the rules name, and says what
 * each answered. It is no news: nothing is written down of it, and it is not tried again.
 */
export function makeTestNotificationsRoute(ports: NotificationRoutePorts): Route {
  return defineRoute({
    name: 'TestNotifications',
    method: 'POST',
    path: 'notifications/test',
    role: 'Certkeeper.Upload',
    summary: 'Send a test message to every place that is told',
    description:
      'Places are those that CERTKEEPER_NOTIFY names. Each is asked once, side by side, and has ten ' +
      'seconds to answer.',
    body: z.object({}),
    answers: { 200: { description: 'What each place answered', schema: testedSchema } },
    problems: [],
    handle: async () => ({
      status: 200,
      jsonBody: { places: await Promise.all(ports.places.map((place) => test(ports, place))) },
    }),
  });
}

async function test({ messenger, now }: NotificationRoutePorts, place: Place) {
  const begun = now();
  const message: Message = {
    ...{ id: randomUUID(), kind: 'test', at: begun.toISOString() },
    ...{ items: [], leftOut: 0 },
  };
  const outcome = await messenger.send(place, message).then(accepted, refusedOrNot);
  const seconds = (now().getTime() - begun.getTime()) / 1_000;
  return { place: place.name, ...outcome, seconds };
}

function accepted() {
  return { outcome: 'accepted' as const };
}

function refusedOrNot(error: unknown): {
  readonly outcome: 'refused' | 'unanswered';
  readonly problem: Problem;
} {
  if (error instanceof TerminalError) return { outcome: 'refused', problem: error.problem };
  if (error instanceof TransientError) return { outcome: 'unanswered', problem: error.problem };
  throw error;
}
