import type { Item, Message } from './message.ts';
import { headlineOf, leftOutOf, titleOf, toWords } from './wording.ts';

/**
 * A message as Slack's incoming webhooks take it: Block Kit.
 *
 * What comes from outside stands in the text elements of rich text only: those are shown as they are,
 * without mrkdwn, mentions or links (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block),
 * so that a command in a cure can be copied as it stands. Where mrkdwn is read, in `text`, there are
 * only words of Certkeeper's own, and those are escaped all the same.
 */
export function toSlackBlocks(message: Message): object {
  const headline = headlineOf(message);
  const rest = leftOutOf(message);
  return {
    text: escapeMrkdwn(titleOf(message)),
    link_names: false,
    unfurl_links: false,
    blocks: [
      richText([[{ text: titleOf(message), style: { bold: true } }]]),
      ...(headline === undefined ? [] : [richText([[{ text: headline }]])]),
      ...message.items.map(toBlock),
      ...(rest === undefined ? [] : [richText([[{ text: rest, style: { italic: true } }]])]),
      ...(message.link === undefined ? [] : [openReport(message.link)]),
    ],
  };
}

/** The three characters by which Slack's mrkdwn tells its own from a text's. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function toBlock(item: Item): object {
  const { title, about, message, cure } = toWords(item);
  return richText([
    [{ text: title, style: { bold: true } }],
    [{ text: about, style: { code: true } }],
    [{ text: message }],
    ...(cure === undefined ? [] : [[{ text: cure, style: { italic: true } } as const]]),
  ]);
}

interface TextElement {
  readonly text: string;
  readonly style?: { readonly bold?: true; readonly italic?: true; readonly code?: true };
}

/** One section for each line. */
function richText(lines: readonly (readonly TextElement[])[]): object {
  return {
    type: 'rich_text',
    elements: lines.map((line) => ({
      type: 'rich_text_section',
      // Slack refuses an empty text.
      elements: line.map(({ text, ...more }) => ({ type: 'text', text: text || '-', ...more })),
    })),
  };
}

function openReport(url: string): object {
  const text = { type: 'plain_text', text: 'Open the report' };
  return { type: 'actions', elements: [{ type: 'button', text, url }] };
}
