import type { Item, Message } from './message.ts';
import { headlineOf, leftOutOf, moodOf, titleOf, toWords, type Mood } from './wording.ts';

/**
 * A message as Teams takes it from a Workflows webhook: an Adaptive Card
 * (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
 *
 * What comes from outside stands in text runs only, which know neither Markdown nor links
 * (https://adaptivecards.io/explorer/TextRun.html), and a card without `msteams.entities` mentions
 * nobody. Teams takes 28 KB; a message has room for eight items of bounded length.
 */
export function toTeamsCard(message: Message): object {
  const headline = headlineOf(message);
  const rest = leftOutOf(message);
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    fallbackText: titleOf(message),
    body: [
      paragraph([{ text: titleOf(message), weight: 'Bolder', size: 'Medium' }]),
      ...(headline === undefined ? [] : [paragraph([{ text: headline }])]),
      ...message.items.map(toContainer),
      ...(rest === undefined ? [] : [paragraph([{ text: rest, isSubtle: true }])]),
    ],
    ...(message.link === undefined
      ? {}
      : { actions: [{ type: 'Action.OpenUrl', title: 'Open the report', url: message.link }] }),
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
}

function toContainer(item: Item): object {
  const { title, about, message, cure } = toWords(item);
  const mood = moodOf(item);
  return {
    type: 'Container',
    style: STYLE[mood],
    separator: true,
    items: [
      paragraph([{ text: title, weight: 'Bolder' }]),
      paragraph([{ text: about, fontType: 'Monospace' }]),
      paragraph([{ text: message }]),
      ...(cure === undefined ? [] : [paragraph([{ text: cure, isSubtle: true }])]),
    ],
  };
}

/** The words say it too: a colour alone tells nothing to who does not see it. */
const STYLE: Readonly<Record<Mood, string>> = {
  critical: 'attention',
  high: 'attention',
  medium: 'warning',
  low: 'default',
  over: 'good',
};

interface Run {
  readonly text: string;
  readonly weight?: 'Bolder';
  readonly size?: 'Medium';
  readonly fontType?: 'Monospace';
  readonly isSubtle?: true;
}

function paragraph(runs: readonly Run[]): object {
  return { type: 'RichTextBlock', inlines: runs.map((run) => ({ type: 'TextRun', ...run })) };
}
