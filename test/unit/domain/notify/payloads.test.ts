import fc from 'fast-check';
import type { Message } from '../../../../shared/domain/notify/message.ts';
import { toPlainText } from '../../../../shared/domain/plain-text.ts';
import { escapeMrkdwn, toSlackBlocks } from '../../../../shared/domain/notify/slack-blocks.ts';
import { toTeamsCard } from '../../../../shared/domain/notify/teams-card.ts';
import { toTopicEvents } from '../../../../shared/domain/notify/topic-events.ts';
import { toWebhookBody } from '../../../../shared/domain/notify/webhook-body.ts';
import {
  anyItem,
  DAY,
  event,
  finding,
  HOSTILE,
  hostileText,
} from '../../../support/notify/samples.ts';

const message = (more: Partial<Message> = {}): Message => ({
  ...{ id: 'm-1', kind: 'news', at: DAY, leftOut: 0 },
  items: [{ kind: 'finding', id: 'i', change: 'appeared', finding: finding('a') }],
  ...more,
});

const anyMessage = fc
  .record({
    kind: fc.constantFrom('news' as const, 'digest' as const),
    sentence: hostileText,
    items: fc.array(anyItem, { minLength: 1, maxLength: 8 }),
    leftOut: fc.nat(),
  })
  .map(({ kind, sentence, items, leftOut }) =>
    message({ kind, items, leftOut, headline: { health: 'attention', sentence } }),
  );

/** Every object in a payload, the payload itself among them. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [{ ...value }, ...Object.values(value).flatMap(objectsIn)];
}
const texts = (payload: object): string =>
  objectsIn(payload)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('\n');

describe('a message to Slack', () => {
  it('says what, about what, what is wrong and what to do', () => {
    expect(toSlackBlocks(message({ link: 'https://app.example/api/audits/1' }))).toMatchObject({
      text: 'Certkeeper: EXPIRES_SOON, high',
      link_names: false,
      blocks: [
        { type: 'rich_text' },
        {
          type: 'rich_text',
          elements: [
            { elements: [{ type: 'text', text: 'EXPIRES_SOON, high', style: { bold: true } }] },
            { elements: [{ type: 'text', text: 'contoso-kv/a', style: { code: true } }] },
            { elements: [{ type: 'text', text: 'a expires in 9 days.' }] },
            { elements: [{ type: 'text', text: 'npx certkeeper show contoso-kv/a' }] },
          ],
        },
        { type: 'actions', elements: [{ url: 'https://app.example/api/audits/1' }] },
      ],
    });
  });

  it('has no element in which Slack reads markup, mentions or links', () => {
    fc.assert(
      fc.property(anyMessage, (one) => {
        const payload = toSlackBlocks(one) as { text: string; blocks: unknown };
        for (const { type } of objectsIn(payload.blocks)) {
          if (type === undefined) continue;
          expect(['rich_text', 'rich_text_section', 'text']).toContain(type);
        }
        expect(payload.text).toMatch(/^Certkeeper: [A-Za-z_,: 0-9]*$/);
        expect(objectsIn(payload.blocks).length).toBeLessThan(200);
      }),
    );
  });

  it('where mrkdwn is read, its three characters are escaped', () => {
    expect(escapeMrkdwn('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
  });
});

describe('a message to Teams', () => {
  it('is an Adaptive Card as a Workflows webhook takes it', () => {
    expect(toTeamsCard(message({ link: 'https://app.example/api/audits/1' }))).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            type: 'AdaptiveCard',
            body: [
              { inlines: [{ text: 'Certkeeper: EXPIRES_SOON, high' }] },
              { type: 'Container', style: 'attention', items: { length: 4 } },
            ],
            actions: [{ type: 'Action.OpenUrl', url: 'https://app.example/api/audits/1' }],
          },
        },
      ],
    });
  });

  it('has text runs only, which know no Markdown, and mentions nobody', () => {
    fc.assert(
      fc.property(anyMessage, (one) => {
        const payload = toTeamsCard(one);
        for (const { type, text } of objectsIn(payload)) {
          if (text !== undefined) expect(type).toBe('TextRun');
          expect(String(type)).not.toMatch(/^(TextBlock|FactSet|Image|Action\.)/);
        }
        expect(objectsIn(payload).some((part) => 'entities' in part)).toBe(false);
        expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(28 * 1_024);
      }),
    );
  });

  it('fits with the longest texts that there are', () => {
    const long = '証'.repeat(5_000);
    const texts = { about: long, message: long, cure: long };
    const item = {
      kind: 'finding',
      id: 'i',
      change: 'appeared',
      finding: finding('x', texts),
    } as const;
    const headline = { health: 'attention', sentence: long } as const;
    const items = Array.from({ length: 8 }, () => item);
    const payload = toTeamsCard(message({ kind: 'digest', leftOut: 9_999, headline, items }));
    expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(28 * 1_024);
  });
});

describe('whatever the place', () => {
  test.each(HOSTILE)('hostile text is shown as it is, or not at all: %j', (text) => {
    const hostile = { about: text, message: text, cure: text };
    const items = [
      { kind: 'finding', id: 'i', change: 'appeared', finding: finding('x', hostile) } as const,
    ];
    const shown = toPlainText(text, 400);
    for (const payload of [toSlackBlocks(message({ items })), toTeamsCard(message({ items }))]) {
      expect(texts(JSON.parse(JSON.stringify(payload)) as object)).toContain(shown);
    }
    expect(toWebhookBody(message({ items }))).toMatchObject({ items: [{ message: text }] });
  });

  it('an event says what its problem says, and without one what happened', () => {
    const rotated = event('r', {
      type: 'Certkeeper.CertificateRotated',
      data: { target: 'contoso-gw/certificates/x' },
    });
    const items = [
      { kind: 'event', id: 'e', severity: 'high', event: event('e') } as const,
      { kind: 'event', id: 'e', severity: 'low', event: rotated } as const,
    ];
    const words = texts(toSlackBlocks(message({ items })));
    expect(words).toContain('Certkeeper: news, 2 things, the gravest high');
    expect(words).toContain('SyncFailed: PERMISSION_MISSING');
    expect(words).toContain('contoso-kv/gateway-client → contoso-gw/certificates/gateway-client');
    expect(words).toContain('contoso-gw may not read contoso-kv.');
    expect(words).toContain('The certificate was rotated, and that was verified.');
  });

  it('says how many more there are than are shown', () => {
    const words = texts(toTeamsCard(message({ kind: 'digest', leftOut: 990 })));
    expect(words).toContain('Certkeeper: what changed, 991 things, the gravest high');
    expect(words).toContain('And 990 more: the report has them all.');
  });

  it('says of what is over that it is over', () => {
    const items = [{ kind: 'finding', id: 'i', change: 'cleared', finding: finding('a') } as const];
    const words = texts(toSlackBlocks(message({ items })));
    expect(words).toContain('EXPIRES_SOON is over');
    expect(words).toContain('No longer so: a expires in 9 days.');
  });

  it('a test says that it is one', () => {
    const test = message({ kind: 'test', items: [] });
    expect(texts(toSlackBlocks(test))).toContain('Certkeeper: this is a test, and it arrived');
    expect(texts(toTeamsCard(test))).toContain('Certkeeper: this is a test, and it arrived');
    expect(toWebhookBody(test)).toMatchObject({ kind: 'test', items: [] });
    expect(toTopicEvents(test)).toMatchObject([{ type: 'Certkeeper.NotificationTest' }]);
  });
});

describe('a message to the topic', () => {
  it('is one event for each finding, with an id of its own that stays the same', () => {
    const items = [
      {
        kind: 'finding',
        id: 'i',
        change: 'worsened',
        before: 'medium',
        finding: finding('a'),
      } as const,
      { kind: 'event', id: 'e', severity: 'high', event: event('e') } as const,
      {
        kind: 'finding',
        id: 'j',
        change: 'cleared',
        before: 'high',
        finding: finding('b'),
      } as const,
    ];
    const events = toTopicEvents(message({ items }));
    expect(events).toMatchObject([
      {
        type: 'Certkeeper.FindingWorsened',
        subject: 'contoso-kv/a',
        data: { code: 'EXPIRES_SOON', severity: 'high', before: 'medium', finding: 'a' },
      },
      { type: 'Certkeeper.FindingCleared', subject: 'contoso-kv/b' },
    ]);
    expect(events.map(({ id }) => id)).toEqual(['i', 'j']);
  });
});
