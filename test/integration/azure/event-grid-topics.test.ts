/** The real publisher client against the simulated custom topics. */
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import {
  GROUP,
  startAzureUnderTest,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import { until } from '../../support/azure/until.ts';
import { askHost, type WireAnswer } from '../../support/azure/vault.ts';
import { startWebhook } from '../../support/azure/webhook.ts';
import { makeLocalAzureHttpClient } from '../../support/local-azure-http-client.ts';

const EVENT_GRID = '2022-06-15';
const cloudEvent = { type: 'Certkeeper.Test', source: '/test', data: { n: 1 } };
const gridEvent = { eventType: 'Test', subject: 's', dataVersion: '1', data: { n: 1 } };

describe('custom topics', () => {
  let under: AzureUnderTest;

  beforeAll(async () => {
    under = await startAzureUnderTest();
    await makeTopic('cloud-events', 'CloudEventSchemaV1_0');
    await makeTopic('grid-events', 'EventGridSchema');
  });
  afterAll(() => under.stop());
  afterEach(async () => {
    await askHost(under, 'DELETE', '_local/topics/cloud-events/events');
    await askHost(under, 'DELETE', '_local/topics/grid-events/events');
  });

  const topicPath = (name: string, rest = ''): string =>
    `management.azure.com${GROUP}/providers/Microsoft.EventGrid/topics/${name}${rest}?api-version=${EVENT_GRID}`;
  const makeTopic = (name: string, inputSchema: string): Promise<WireAnswer> =>
    askHost(under, 'PUT', topicPath(name), { location: 'westeurope', properties: { inputSchema } });
  const keyOf = async (name: string): Promise<string> =>
    String((await askHost(under, 'POST', topicPath(name, '/listKeys'))).at('key1'));
  const endpointOf = (name: string): string =>
    `https://${name}.westeurope-1.eventgrid.azure.net/api/events`;
  const options = () => ({
    httpClient: makeLocalAzureHttpClient(under.azure.url),
    retryOptions: { maxRetries: 0 },
  });
  const received = (name: string) => askHost(under, 'GET', `_local/topics/${name}/events`);
  const post = async (
    name: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WireAnswer> =>
    askHost(
      under,
      'POST',
      `${name}.westeurope-1.eventgrid.azure.net/api/events?api-version=2018-01-01`,
      body,
      { 'aeg-sas-key': await keyOf(name), ...headers },
    );

  it('have the endpoint of their name and region', async () => {
    const topic = await askHost(under, 'GET', topicPath('cloud-events'));

    expect(topic.at('properties')).toMatchObject({
      endpoint: endpointOf('cloud-events'),
      inputSchema: 'CloudEventSchemaV1_0',
      provisioningState: 'Succeeded',
    });
  });

  it('take CloudEvents from the publisher client with a key', async () => {
    const client = new EventGridPublisherClient(
      endpointOf('cloud-events'),
      'CloudEvent',
      new AzureKeyCredential(await keyOf('cloud-events')),
      options(),
    );

    await client.send([cloudEvent, { ...cloudEvent, id: 'mine', time: new Date(0) }]);

    const { body } = await received('cloud-events');
    expect(body).toMatchObject({
      count: 2,
      events: [
        { specversion: '1.0', ...cloudEvent },
        { id: 'mine', time: '1970-01-01T00:00:00.000Z' },
      ],
    });
  });

  it('take Event Grid events from the publisher client with a token, stamped with the topic', async () => {
    const client = new EventGridPublisherClient(
      endpointOf('grid-events'),
      'EventGrid',
      {
        getToken: () =>
          Promise.resolve({ token: 'operator', expiresOnTimestamp: Date.now() + 1e6 }),
      },
      options(),
    );

    await client.send([gridEvent]);

    const { body } = await received('grid-events');
    expect(body).toMatchObject({
      count: 1,
      events: [
        { ...gridEvent, topic: `${GROUP}/providers/Microsoft.EventGrid/topics/grid-events` },
      ],
    });
  });

  it('refuse a wrong key, a missing one, and a key that was replaced', async () => {
    const old = await keyOf('grid-events');
    const statusWith = async (headers: Record<string, string>) =>
      (
        await askHost(
          under,
          'POST',
          'grid-events.westeurope-1.eventgrid.azure.net/api/events?api-version=2018-01-01',
          [],
          headers,
        )
      ).status;
    expect(await statusWith({ 'aeg-sas-key': old })).toBe(200);
    expect(await statusWith({ 'aeg-sas-key': 'wrong' })).toBe(401);
    expect(await statusWith({})).toBe(401);

    await askHost(under, 'POST', topicPath('grid-events', '/regenerateKey'), { keyName: 'key1' });

    expect(await statusWith({ 'aeg-sas-key': old })).toBe(401);
  });

  it.each([
    ['no array', 'grid-events', {}, 'Token Expected: StartArray'],
    ['a missing property', 'grid-events', [{ id: '1' }], 'subject'],
    [
      'a property too many',
      'grid-events',
      [{ id: '1', eventTime: '2026-01-01T00:00:00Z', ...gridEvent, source: 'x' }],
      "unexpected property 'source'",
    ],
    ['an array that is not announced', 'cloud-events', [cloudEvent], 'StartObject'],
  ])('refuse %s and keep nothing', async (_, topic, body, text) => {
    const answer = await post(topic, body);

    expect([
      answer.status,
      answer.at('error', 'code'),
      answer.at('error', 'details', 0, 'code'),
    ]).toEqual([400, 'BadRequest', 'InputJsonInvalid']);
    expect(answer.at('error', 'message')).toContain(text);
    expect((await received(topic)).at('count')).toBe(0);
  });

  it('take all events of a request or none', async () => {
    const good = { id: '1', specversion: '1.0', ...cloudEvent };

    const answer = await post('cloud-events', [good, { ...good, specversion: '0.3' }], {
      'content-type': 'application/cloudevents-batch+json',
    });

    expect(answer.status).toBe(400);
    expect((await received('cloud-events')).at('count')).toBe(0);
  });

  it('refuse more than a megabyte', async () => {
    const answer = await post('grid-events', [{ data: 'x'.repeat(1024 * 1024) }]);

    expect(answer.status).toBe(413);
  });

  it('keep what they received over a restart, and forget it on request', async () => {
    const single = { id: '1', specversion: '1.0', ...cloudEvent };
    await post('cloud-events', single, { 'content-type': 'application/cloudevents+json' });

    await under.restart();

    expect((await received('cloud-events')).at('events')).toEqual([single]);
    await askHost(under, 'DELETE', '_local/topics/cloud-events/events');
    expect((await received('cloud-events')).at('count')).toBe(0);
  });

  it('deliver to their own subscriptions', async () => {
    const hook = await startWebhook();
    const made = await askHost(
      under,
      'PUT',
      topicPath('cloud-events', '/providers/Microsoft.EventGrid/eventSubscriptions/to-hook'),
      {
        properties: {
          destination: { endpointType: 'WebHook', properties: { endpointUrl: hook.url } },
          eventDeliverySchema: 'CloudEventSchemaV1_0',
        },
      },
    );
    expect(made.status).toBe(201);

    await post(
      'cloud-events',
      { id: '7', specversion: '1.0', ...cloudEvent },
      {
        'content-type': 'application/cloudevents+json',
      },
    );

    const [notification] = await hook.received(1);
    expect(notification?.body).toContain('"id":"7"');
    await until(
      async () => (await askHost(under, 'GET', '_local/events')).at('pending', 'length') === 0,
    );
    await hook.stop();
  });

  it('have names that are taken for everybody', async () => {
    const elsewhere = `management.azure.com/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-other`;
    await askHost(under, 'PUT', `${elsewhere}?api-version=2021-04-01`, { location: 'westeurope' });

    const answer = await askHost(
      under,
      'PUT',
      `${elsewhere}/providers/Microsoft.EventGrid/topics/cloud-events?api-version=${EVENT_GRID}`,
      { location: 'westeurope' },
    );

    expect(answer.status).toBe(409);
  });
});
