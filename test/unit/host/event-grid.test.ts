import { readDelivery } from '../../../local/host/event-grid/delivery.ts';
import { makeEventGridWebhook } from '../../../local/host/event-grid/webhook.ts';
import type { OutsideRequest } from '../../../local/host/http/outside-request.ts';
import { eventGridFunction } from '../../support/host/functions.ts';

const body = (value: unknown) => Buffer.from(JSON.stringify(value));
const event = { id: '1', eventType: 'T', data: { a: 1 } };
const cloudEvent = { specversion: '1.0', id: '1', type: 'T', source: 's', data: { a: 1 } };

describe('A delivery of Event Grid', () => {
  test.each([
    ['an array in the Event Grid schema', [event, event], 2],
    ['one CloudEvent', cloudEvent, 1],
    ['a batch of CloudEvents', [cloudEvent, cloudEvent, cloudEvent], 3],
    ['an empty array', [], 0],
  ])('may be %s', (_, content, count) => {
    const delivery = readDelivery('Notification', body(content));
    expect(delivery).toMatchObject({ kind: 'notification' });
    expect(delivery.kind === 'notification' && delivery.events).toHaveLength(count);
  });

  test.each([
    ['text', Buffer.from('{')],
    ['nothing', Buffer.alloc(0)],
    ['bytes that are no UTF-8', Buffer.of(0x22, 0xff, 0x22)],
    ['a number', body(1)],
    ['null', body(null)],
    ['an array with something else in it', body([event, 'x'])],
    ['an array of arrays', body([[event]])],
  ])('may not be %s', (_, content) => {
    expect(readDelivery('notification', content)).toMatchObject({ kind: 'malformed' });
  });

  test.each([
    ['in the Event Grid schema', [{ id: '1', data: { validationCode: 'abc' } }]],
    ['as a CloudEvent', { data: { validationCode: 'abc' } }],
    ['as a CloudEvent with its data as text', { data: '{"validationCode":"abc"}' }],
  ])('asks whether the function is there %s', (_, content) => {
    expect(readDelivery('SubscriptionValidation', body(content))).toEqual({
      kind: 'handshake',
      validationCode: 'abc',
    });
  });

  test.each([[[]], [[{ data: {} }]], [{ data: { validationCode: 7 } }], [{ data: 'x' }], [null]])(
    'that asks without a code is malformed: %j',
    (content) => {
      expect(readDelivery('SubscriptionValidation', body(content))).toMatchObject({
        kind: 'malformed',
      });
    },
  );

  test('must say what it is', () => {
    expect(readDelivery(undefined, body([event]))).toMatchObject({ kind: 'malformed' });
    expect(readDelivery('Party', body([event]))).toMatchObject({ kind: 'malformed' });
    expect(readDelivery('Unsubscribe', Buffer.alloc(0))).toEqual({ kind: 'unsubscribe' });
  });
});

describe('The Event Grid webhook', () => {
  function setUp() {
    const received: unknown[] = [];
    const log: string[] = [];
    const webhook = makeEventGridWebhook({
      functions: [eventGridFunction('onEvent'), { ...eventGridFunction('off'), disabled: true }],
      log: (_, message) => void log.push(message),
      invoke: (_, one) => {
        received.push(one['id']);
        return one['id'] === 'bad' ? Promise.reject(new Error('secret')) : Promise.resolve();
      },
    });
    const call = (
      content: unknown,
      {
        headers = {},
        method = 'POST',
        name = 'onEvent',
      }: Partial<OutsideRequest> & { name?: string } = {},
    ) =>
      webhook(
        {
          method,
          url: new URL(`http://127.0.0.1/runtime/webhooks/eventgrid?functionname=${name}`),
          headers: { 'aeg-event-type': 'Notification', ...headers },
        },
        body(content),
      );
    return { call, received, log };
  }

  test('runs the function once for each event and answers 202', async () => {
    const { call, received } = setUp();
    expect(await call([{ id: 'a' }, { id: 'b' }], { name: 'ONEVENT' })).toMatchObject({
      status: 202,
    });
    expect(received).toEqual(['a', 'b']);
  });

  test('answers 500 when one of them failed, having tried them all, and does not say why', async () => {
    const { call, received } = setUp();
    const answer = await call([{ id: 'bad' }, { id: 'b' }]);
    expect(answer.status).toBe(500);
    expect(Buffer.from(answer.body).toString()).not.toContain('secret');
    expect(received).toEqual(['bad', 'b']);
  });

  test.each(['unknown', 'off', ''])('answers 404 for the function %p', async (name) => {
    const { call, received } = setUp();
    expect(await call([{ id: 'a' }], { name })).toMatchObject({ status: 404 });
    expect(received).toEqual([]);
  });

  test('logs a name that it does not know on one line', async () => {
    const { call, log } = setUp();
    await call([{ id: 'a' }], { name: 'x%0A%1B[31mforged' });
    expect(log).toEqual([expect.stringMatching(/^[\x20-\x7e]*forged[\x20-\x7e]*$/)]);
  });

  test('answers 400 to what it cannot read and runs nothing', async () => {
    const { call, received } = setUp();
    expect(await call([{ id: 'a' }, 3])).toMatchObject({ status: 400 });
    expect(received).toEqual([]);
  });

  test('answers the handshake of the Event Grid schema', async () => {
    const { call } = setUp();
    const headers = { 'aeg-event-type': 'SubscriptionValidation' };
    const answer = await call([{ data: { validationCode: 'c0de' } }], { headers });
    expect(answer.status).toBe(200);
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual({ validationResponse: 'c0de' });
  });

  test('answers the handshake of CloudEvents', async () => {
    const { call } = setUp();
    const headers = {
      'webhook-request-origin': 'eventgrid.azure.net',
      'webhook-request-rate': '120',
    };
    expect(await call({}, { method: 'OPTIONS', headers })).toMatchObject({
      status: 200,
      headers: { 'webhook-allowed-origin': 'eventgrid.azure.net', 'webhook-allowed-rate': '120' },
    });
    expect(await call({}, { method: 'OPTIONS' })).toMatchObject({ status: 400 });
  });

  test('takes nothing but POST and OPTIONS', async () => {
    const { call } = setUp();
    expect(await call([], { method: 'PUT' })).toMatchObject({ status: 405 });
  });
});
