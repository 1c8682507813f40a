/** Event Grid's deliveries to webhooks: handshake, schemas, retries, dead letters, restarts. */
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import { until } from '../../support/azure/until.ts';
import { askHost, askVault, makeVault, type WireAnswer } from '../../support/azure/vault.ts';
import { startWebhook, type Received, type Webhook } from '../../support/azure/webhook.ts';

const EVENT_GRID = '2022-06-15';
const NEW_VERSION = 'Microsoft.KeyVault.CertificateNewVersionCreated';

describe('event subscriptions of a vault', () => {
  let under: AzureUnderTest;
  let hook: Webhook;
  let vaultId: string;

  beforeEach(async () => {
    under = await startAzureUnderTest();
    hook = await startWebhook();
    vaultId = await makeVault(under, 'contoso-kv');
  });
  afterEach(async () => {
    await under.stop();
    await hook.stop();
  });

  const subscriptionPath = (name: string): string =>
    `management.azure.com${vaultId}/providers/Microsoft.EventGrid/eventSubscriptions/${name}?api-version=${EVENT_GRID}`;
  const subscribe = (
    name = 'to-hook',
    properties: Readonly<Record<string, unknown>> = {},
    endpointUrl = hook.url,
  ): Promise<WireAnswer> =>
    askHost(under, 'PUT', subscriptionPath(name), {
      properties: {
        destination: { endpointType: 'WebHook', properties: { endpointUrl } },
        filter: { includedEventTypes: [NEW_VERSION] },
        ...properties,
      },
    });
  const importVersion = async (name = 'gateway-client'): Promise<WireAnswer> => {
    const { pfx } = await makeTestCertificate();
    return askVault(under, 'POST', 'contoso-kv', `/certificates/${name}/import`, { value: pfx });
  };
  const control = (method: string, path: string, body?: unknown): Promise<WireAnswer> =>
    askHost(under, method, `_local${path}`, body);
  const eventsOf = ({ body }: Received): unknown => JSON.parse(body);
  const pendingCount = async (): Promise<unknown> =>
    (await control('GET', '/events')).at('pending', 'length');
  /** Once so many attempts have failed and the next one waits. */
  const failed = (attempts: number): Promise<void> =>
    until(async () => (await control('GET', '/events')).at('pending', 0, 'attempts') === attempts);
  const deadLetters = () => control('GET', '/dead-letters');

  it('bring a new version to the webhook in the documented shape', async () => {
    await subscribe();
    const imported = await importVersion();

    const [notification] = await hook.received(1);

    const id = String(imported.at('id'));
    expect(notification?.headers).toMatchObject({
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': 'TO-HOOK',
      'aeg-delivery-count': '0',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(notification && eventsOf(notification)).toMatchObject([
      {
        topic: vaultId,
        subject: 'gateway-client',
        eventType: NEW_VERSION,
        dataVersion: '1',
        metadataVersion: '1',
        data: {
          Id: id,
          VaultName: 'contoso-kv',
          ObjectType: 'Certificate',
          ObjectName: 'gateway-client',
          Version: id.split('/').at(-1),
          NBF: imported.at('attributes', 'nbf'),
          EXP: imported.at('attributes', 'exp'),
        },
      },
    ]);
  });

  it('bring it as a CloudEvent when they were made so', async () => {
    await subscribe('cloud', { eventDeliverySchema: 'CloudEventSchemaV1_0' });
    await importVersion();

    const [notification] = await hook.received(1);

    expect(hook.handshakes.map(({ method }) => method)).toEqual(['OPTIONS']);
    expect(notification?.headers['content-type']).toBe(
      'application/cloudevents+json; charset=utf-8',
    );
    expect(notification && eventsOf(notification)).toMatchObject({
      specversion: '1.0',
      type: NEW_VERSION,
      source: vaultId,
      subject: 'gateway-client',
      data: { ObjectName: 'gateway-client' },
    });
  });

  it('raise events for the key and the secret of the same version', async () => {
    await subscribe('all', { filter: {} });
    await importVersion();

    const notifications = await hook.received(3);

    expect(notifications.map(({ body }) => /"eventType":"([^"]+)"/.exec(body)?.[1]).sort()).toEqual(
      [
        'Microsoft.KeyVault.CertificateNewVersionCreated',
        'Microsoft.KeyVault.KeyNewVersionCreated',
        'Microsoft.KeyVault.SecretNewVersionCreated',
      ],
    );
  });

  it('raise nothing for a change, a deletion or a recovery', async () => {
    await subscribe('all', { filter: {} });
    await importVersion();
    await hook.received(3);

    const path = '/certificates/gateway-client';
    await askVault(under, 'PATCH', 'contoso-kv', path, { attributes: { enabled: false } });
    await askVault(under, 'DELETE', 'contoso-kv', path);
    await askVault(under, 'POST', 'contoso-kv', '/deletedcertificates/gateway-client/recover');

    expect(await pendingCount()).toBe(0);
    expect(hook.notifications).toHaveLength(3);
  });

  it('raise NearExpiry 30 days before the end and Expired at it, once each', async () => {
    await subscribe('expiry', {
      filter: {
        includedEventTypes: [
          'Microsoft.KeyVault.CertificateNearExpiry',
          'Microsoft.KeyVault.CertificateExpired',
        ],
      },
    });
    const imported = await importVersion();
    const left = Number(imported.at('attributes', 'exp')) - Date.now() / 1000;
    await control('POST', '/clock', { advance: left - 30 * 86_400 - 60 });
    expect(hook.notifications).toHaveLength(0);

    await control('POST', '/clock', { advance: 120 });
    await hook.received(1);
    await until(async () => (await pendingCount()) === 0);
    await under.restart();
    await control('POST', '/clock', { advance: 30 * 86_400 });
    const notifications = await hook.received(2);

    expect(notifications.map(({ body }) => /"eventType":"([^"]+)"/.exec(body)?.[1])).toEqual([
      'Microsoft.KeyVault.CertificateNearExpiry',
      'Microsoft.KeyVault.CertificateExpired',
    ]);
    expect(await pendingCount()).toBe(0);
  });

  it('need an endpoint that answers the handshake', async () => {
    hook.willing = false;
    for (const eventDeliverySchema of ['EventGridSchema', 'CloudEventSchemaV1_0']) {
      const answer = await subscribe('refused', { eventDeliverySchema });
      expect([answer.status, answer.at('error', 'code')]).toEqual([400, 'Url validation']);
    }
    const nobody = await subscribe('nobody', {}, 'http://127.0.0.1:9/hook?code=secret');

    expect(nobody.status).toBe(400);
    expect(String(nobody.at('error', 'message'))).not.toContain('secret');
    expect((await askHost(under, 'GET', subscriptionPath('refused'))).status).toBe(404);
  });

  it.each([
    ['a plain http address elsewhere', 'http://example.com/hook'],
    ['no address', 'not a url'],
  ])('refuse %s', async (_, endpointUrl) => {
    const answer = await subscribe('refused', {}, endpointUrl);

    expect([answer.status, answer.at('error', 'code')]).toEqual([400, 'InvalidRequest']);
  });

  it('need a vault to listen to', async () => {
    const answer = await askHost(
      under,
      'PUT',
      subscriptionPath('to-hook').replace('contoso-kv', 'nowhere-kv'),
      { properties: {} },
    );

    expect([answer.status, answer.at('error', 'code')]).toEqual([404, 'ResourceNotFound']);
  });

  it('keep the key in the address to themselves', async () => {
    await subscribe();

    const read = await askHost(under, 'GET', subscriptionPath('to-hook'));
    expect(JSON.stringify(read.body)).not.toContain('secret');
    expect(read.at('properties', 'destination', 'properties', 'endpointBaseUrl')).toBe(
      hook.url.split('?')[0],
    );
    const full = await askHost(
      under,
      'POST',
      subscriptionPath('to-hook').replace('?', '/getFullUrl?'),
    );
    expect(full.body).toEqual({ endpointUrl: hook.url });
  });

  it('end with their deletion, together with what was under way', async () => {
    await subscribe();
    hook.answers.push(500);
    await importVersion();
    await hook.received(1);
    await until(async () => (await pendingCount()) === 1);

    expect((await askHost(under, 'DELETE', subscriptionPath('to-hook'))).status).toBe(200);

    expect(await pendingCount()).toBe(0);
    await control('POST', '/clock', { advance: 86_400 });
    await importVersion();
    expect(await pendingCount()).toBe(0);
    expect(hook.notifications).toHaveLength(1);
    expect((await askHost(under, 'DELETE', subscriptionPath('to-hook'))).status).toBe(204);
  });

  it('try again after ten seconds, then thirty, with the same event', async () => {
    await subscribe();
    hook.answers.push(500, 0, 204);
    await importVersion();
    await failed(1);
    await control('POST', '/clock', { advance: 10 });
    await failed(2);
    await control('POST', '/clock', { advance: 30 });

    const notifications = await hook.received(3);

    await until(async () => (await pendingCount()) === 0);
    expect(notifications.map(({ headers }) => headers['aeg-delivery-count'])).toEqual([
      '0',
      '1',
      '2',
    ]);
    expect(new Set(notifications.map(({ body }) => body)).size).toBe(1);
  });

  it.each([400, 401, 403, 413])('give up at once on %d', async (status) => {
    await subscribe();
    hook.answers.push(status);
    await importVersion();

    await until(async () => (await deadLetters()).at('deadLetters', 'length') === 1);

    const letters = await deadLetters();
    expect(letters.at('deadLetters', 0)).toMatchObject({
      deadLetterReason: 'UndeliverableDueToClientError',
      attempts: 1,
      lastOutcome: `status ${status}`,
      event: { subject: 'gateway-client' },
    });
    await control('DELETE', '/dead-letters');
    expect((await deadLetters()).at('deadLetters', 'length')).toBe(0);
  });

  it('give up after as many attempts as the policy allows', async () => {
    await control('PUT', '/settings', { 'eventGrid.deliveryScale': 0 });
    await subscribe('twice', { retryPolicy: { maxDeliveryAttempts: 2 } });
    hook.answers.push(500, 500);
    await importVersion();

    await until(async () => (await deadLetters()).at('deadLetters', 'length') === 1);

    expect((await deadLetters()).at('deadLetters', 0, 'deadLetterReason')).toBe(
      'MaxDeliveryAttemptsExceeded',
    );
    expect(hook.notifications).toHaveLength(2);
  });

  it('give up when the time to live is over', async () => {
    await subscribe('short', { retryPolicy: { eventTimeToLiveInMinutes: 1 } });
    hook.answers.push(500, 500, 500);
    await importVersion();
    await failed(1);
    await control('POST', '/clock', { advance: 10 });
    await failed(2);
    await control('POST', '/clock', { advance: 30 });
    await failed(3);

    await control('POST', '/clock', { advance: 60 });

    await until(async () => (await deadLetters()).at('deadLetters', 'length') === 1);
    expect((await deadLetters()).at('deadLetters', 0, 'deadLetterReason')).toBe(
      'TimeToLiveExceeded',
    );
    expect(hook.notifications).toHaveLength(3);
  });

  it('go on after a restart with what was under way', async () => {
    await subscribe();
    hook.answers.push(500);
    await importVersion();
    await failed(1);

    await under.restart();
    await control('POST', '/clock', { advance: 10 });

    const [first, second] = await hook.received(2);
    expect(second?.body).toBe(first?.body);
    await until(async () => (await pendingCount()) === 0);
  });

  it('put several events into one request when they may', async () => {
    await askHost(under, 'PUT', subscriptionPath('batched'), {
      properties: {
        destination: {
          endpointType: 'WebHook',
          properties: { endpointUrl: hook.url, maxEventsPerBatch: 10 },
        },
      },
    });
    await importVersion();

    await until(async () => (await pendingCount()) === 0);

    const events = hook.notifications.flatMap((notification) => eventsOf(notification));
    expect(events).toHaveLength(3);
  });

  it('send raw bodies and the same event again on request', async () => {
    await subscribe();
    const raw = await control('POST', '/events', { topic: vaultId, text: '{"half', times: 2 });
    expect(raw.at('deliveries')).toEqual([
      { subscription: 'to-hook', status: 200 },
      { subscription: 'to-hook', status: 200 },
    ]);
    expect(hook.notifications.map(({ body }) => body)).toEqual(['{"half', '{"half']);

    await importVersion();
    const [, , first] = await hook.received(3);
    await until(async () => (await pendingCount()) === 0);
    await control('POST', '/events/redeliver', { times: 20 });

    expect(hook.notifications).toHaveLength(23);
    expect(hook.notifications.slice(3).every(({ body }) => body === first?.body)).toBe(true);
  });

  it.each([
    [{ topic: 'x', body: {} }, 'topic'],
    [{ topic: '/x' }, 'exactly one of'],
    [{ topic: '/x', body: {}, times: 0 }, 'times'],
  ])('refuse a raw event that is not right: %j', async (body, text) => {
    const answer = await control('POST', '/events', body);

    expect([answer.status, answer.at('error', 'code')]).toEqual([400, 'BadControlRequest']);
    expect(answer.at('error', 'message')).toContain(text);
  });

  it('stand below a system topic too, of which a source has one', async () => {
    const group = vaultId.split('/providers/')[0] ?? '';
    const topicPath = (name: string, rest = ''): string =>
      `management.azure.com${group}/providers/Microsoft.EventGrid/systemTopics/${name}${rest}?api-version=${EVENT_GRID}`;
    const body = {
      location: 'westeurope',
      properties: { source: vaultId, topicType: 'Microsoft.KeyVault.vaults' },
    };
    expect((await askHost(under, 'PUT', topicPath('events-of-kv'), body)).status).toBe(201);
    expect((await askHost(under, 'PUT', topicPath('another'), body)).status).toBe(400);
    const made = await askHost(
      under,
      'PUT',
      topicPath('events-of-kv', '/eventSubscriptions/below'),
      {
        properties: {
          destination: { endpointType: 'WebHook', properties: { endpointUrl: hook.url } },
        },
      },
    );
    expect(made.at('type')).toBe('Microsoft.EventGrid/systemTopics/eventSubscriptions');

    await importVersion();

    await hook.received(3);
    const list = await askHost(under, 'GET', topicPath('events-of-kv', '/eventSubscriptions'));
    expect(list.at('value', 'length')).toBe(1);
  });
});
