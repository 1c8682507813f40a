import { TransientError } from '../../../shared/domain/errors.ts';
import type { Message } from '../../../shared/domain/notify/message.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';
import { makeMessenger } from '../../../shared/notify/messenger.ts';
import { signWebhook } from '../../../shared/notify/sign-webhook.ts';
import { DAY, finding } from '../../support/notify/samples.ts';
import { startReceiver, type Receiver } from '../../support/notify/receiver.ts';

const KEY = new Uint8Array(32).fill(7);
const NOW = new Date('2026-11-28T03:00:00.000Z');
const MESSAGE: Message = {
  ...{ id: 'm-1', kind: 'news', at: DAY, leftOut: 0 },
  items: [{ kind: 'finding', id: 'i-1', change: 'appeared', finding: finding('a') }],
};

describe('sending a message', () => {
  let receiver: Receiver;
  const published: OutcomeEvent[] = [];
  const messenger = makeMessenger(
    { publish: async (events) => void published.push(...events) },
    () => NOW,
  );
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.stop());
  const sent = async (kind: 'webhook' | 'teams' | 'slack') => {
    receiver.received.length = 0;
    await messenger.send({ name: kind, kind, address: receiver.url, signingKey: KEY }, MESSAGE);
    return receiver.received[0];
  };

  it('to a webhook, it is signed', async () => {
    const one = await sent('webhook');
    const body = one?.body ?? '';
    expect(JSON.parse(body)).toEqual({
      ...{ version: 1, id: 'm-1', kind: 'news', at: DAY },
      items: [
        {
          ...{ kind: 'finding', id: 'i-1', change: 'appeared', finding: 'a' },
          ...{ code: 'EXPIRES_SOON', severity: 'high', about: 'contoso-kv/a', since: DAY },
          resourceId: 'https://contoso-kv.vault.azure.net/certificates/a',
          message: 'a expires in 9 days.',
          cure: 'npx certkeeper show contoso-kv/a',
        },
      ],
    });
    expect(one?.headers).toMatchObject(signWebhook(KEY, { id: 'm-1', body, at: NOW }));
  });

  it('to Teams and Slack it is what they take, and not signed', async () => {
    expect(JSON.parse((await sent('teams'))?.body ?? '')).toMatchObject({ type: 'message' });
    const slack = await sent('slack');
    expect(JSON.parse(slack?.body ?? '')).toMatchObject({ blocks: [{ type: 'rich_text' }, {}] });
    expect(slack?.headers).not.toHaveProperty('webhook-signature');
  });

  it('to the topic it is published', async () => {
    await messenger.send({ name: 'topic', kind: 'topic' }, MESSAGE);
    expect(published).toMatchObject([{ id: 'i-1', type: 'Certkeeper.FindingAppeared' }]);
  });

  it('without an address, or without a key to sign with, nothing is sent', async () => {
    receiver.received.length = 0;
    const without = [
      { name: 'slack:a', kind: 'slack' },
      { name: 'webhook:a', kind: 'webhook', address: receiver.url },
    ] as const;
    for (const place of without) {
      await expect(messenger.send(place, MESSAGE)).rejects.toThrow(TransientError);
    }
    await expect(messenger.send(without[1], MESSAGE)).rejects.toThrow(
      /CERTKEEPER_NOTIFY_WEBHOOK_A_SECRET is a Key Vault reference/,
    );
    expect(receiver.received).toEqual([]);
  });
});
