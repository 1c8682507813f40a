import type { Item, Message } from './message.ts';
import { headlineOf } from './wording.ts';

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
const BODY_VERSION = 1;

/** A message as a webhook gets it; docs/notifications.md describes it. */
export function toWebhookBody(message: Message): object {
  const { id, kind, at, headline, items, link } = message;
  return {
    version: BODY_VERSION,
    id,
    kind,
    at,
    ...(headline === undefined ? {} : { health: headline.health, headline: headlineOf(message) }),
    ...(link === undefined ? {} : { report: link }),
    items: items.map(toEntry),
  };
}

function toEntry(item: Item): object {
  if (item.kind === 'event') {
    const { event, severity } = item;
    return { kind: 'event', severity, ...event };
  }
  const { id, change, before, finding } = item;
  const { id: of, ...about } = finding;
  return {
    ...{ kind: 'finding', id, change },
    ...(before === undefined || change !== 'worsened' ? {} : { before }),
    ...{ finding: of, ...about },
  };
}
