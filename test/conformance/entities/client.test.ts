import { EntityId } from 'durable-functions';
import { conforms } from '../../support/conformance.ts';
import { eventually } from '../../support/eventually.ts';
import { makeDurableHost, type DurableHost } from '../../support/host/durable-host.ts';
import { counter } from './counter.ts';

const api = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api';
const client = 'durable-functions lib/src/durableClient/DurableClient.js';
const handler =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs';
const steps = new EntityId('Counter', 'steps');

let host: DurableHost;

beforeEach(async () => {
  host = await makeDurableHost({
    orchestrators: {},
    entities: {
      Counter: counter,
      Last: ({ df }) => df.setState([df.operationName, df.getInput<unknown>()] as never),
    },
  });
});

/** The state of an entity, once it has one. */
async function stateOf(path: string): Promise<unknown> {
  const read = () => host.call('GET', path);
  const { body } = await eventually(read, ({ status }) => status === 200, 30_000, 5);
  return body;
}

conforms(client, 'signalEntity signals, readEntityState reads', async () => {
  await host.client.signalEntity(steps, 'add', 5);
  await stateOf('entities/Counter/steps');
  expect(await host.client.readEntityState(steps)).toEqual({
    entityExists: true,
    entityState: 5,
  });
});

conforms(client, 'an entity that is not there has no state to read', async () => {
  expect(await host.client.readEntityState(steps)).toEqual({ entityExists: false });
});

conforms(client, 'a signal to an entity that the app does not have is rejected', async () => {
  await expect(host.client.signalEntity(new EntityId('Nobody', 'x'), 'go')).rejects.toThrow(
    /Nobody/,
  );
});

conforms(api, 'a POST signals with the operation of `op` and the content as input', async () => {
  const answer = await host.call('POST', 'entities/Last/one?op=note', {
    text: '{"a":[1]}',
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
  expect(answer).toEqual({ status: 202, headers: {} });
  expect(await stateOf('entities/last/one')).toEqual(['note', { a: [1] }]);
});

conforms(
  api,
  'a POST without `op` and content signals an operation without name and input',
  async () => {
    await host.call('POST', 'entities/Last/one');
    expect(await stateOf('entities/Last/one')).toEqual(['', null]);
  },
);

conforms(handler, 'content that is no JSON by its type is a text', async () => {
  await host.call('POST', 'entities/Last/one?op=note', { text: '5' });
  expect(await stateOf('entities/Last/one')).toEqual(['note', '5']);
});

conforms(handler, 'a DELETE signals the operation `delete`', async () => {
  await host.call('DELETE', 'entities/Last/one');
  expect(await stateOf('entities/Last/one')).toEqual(['delete', null]);
});

for (const [what, path, body] of [
  ['content that is not JSON', 'entities/Counter/steps?op=add', '{'],
  ['a key with a character that is not allowed', 'entities/Counter/a%23b?op=add', '1'],
  ['an entity that the app does not have', 'entities/Nobody/one?op=add', '1'],
] as const) {
  conforms(handler, `${what} is answered 400`, async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await host.call('POST', path, { text: body, headers })).status).toBe(400);
  });
}

conforms(api, 'a GET answers the state, or 404 when there is none', async () => {
  expect((await host.call('GET', 'entities/Counter/steps')).status).toBe(404);
  await host.client.signalEntity(steps, 'add', 5);
  expect(await stateOf('entities/counter/steps')).toBe(5);
  expect((await host.call('GET', 'entities/Counter/Steps')).status).toBe(404);
});

conforms(handler, 'other methods and other paths are not there', async () => {
  for (const [method, path] of [
    ['PUT', 'entities/Counter/steps'],
    ['POST', 'entities/Counter'],
    ['DELETE', 'entities'],
    ['GET', 'entities/Counter/steps/more'],
  ] as const) {
    expect((await host.call(method, path)).status).toBe(404);
  }
});

/** Signals counters one after the other, a minute apart. */
async function makeCounters(keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await host.client.signalEntity(new EntityId('Counter', key), 'add', 1);
    await stateOf(`entities/Counter/${key}`);
    host.advance(60_000);
  }
}

conforms(
  api,
  'entities are listed with their id and the time of their last operation',
  async () => {
    await makeCounters(['a', 'b']);
    await host.client.signalEntity(new EntityId('Last', 'one'), 'note');
    await stateOf('entities/Last/one');
    expect(await host.call('GET', 'entities')).toEqual({
      status: 200,
      headers: {},
      body: [
        { entityId: { name: 'counter', key: 'a' }, lastOperationTime: '2026-01-01T00:00:00.000Z' },
        { entityId: { name: 'counter', key: 'b' }, lastOperationTime: '2026-01-01T00:01:00.000Z' },
        { entityId: { name: 'last', key: 'one' }, lastOperationTime: '2026-01-01T00:02:00.000Z' },
      ],
    });
  },
);

for (const [filter, keys] of [
  ['entities/Counter?', ['a', 'b', 'c']],
  ['entities/Coun?', []],
  ['entities?lastOperationTimeFrom=2026-01-01T00:01:00Z', ['b', 'c']],
  ['entities?lastOperationTimeTo=2026-01-01T00:01:00Z', ['a', 'b']],
  [
    'entities/counter?lastOperationTimeFrom=2026-01-01T00:00:30Z&lastOperationTimeTo=2026-01-01T00:01:30Z',
    ['b'],
  ],
] as const) {
  conforms(api, `\`GET ${filter}\` lists those that fit`, async () => {
    await makeCounters(['a', 'b', 'c']);
    const { body } = await host.call('GET', filter);
    const listed = body as readonly { readonly entityId: { readonly key: string } }[];
    expect(listed.map(({ entityId }) => entityId.key)).toEqual(keys);
  });
}

conforms(api, 'with `fetchState` the list holds the states', async () => {
  await makeCounters(['a']);
  const { body } = await host.call('GET', 'entities/Counter?fetchState=true');
  expect(body).toEqual([expect.objectContaining({ state: 1 })]);
});

conforms(api, 'a list comes in pages, each with a token for the next', async () => {
  await makeCounters(['a', 'b', 'c']);
  const keys: string[] = [];
  let token: string | undefined = '';
  for (let pages = 0; token !== undefined; pages++) {
    expect(pages).toBeLessThan(2);
    const page: Awaited<ReturnType<DurableHost['call']>> = await host.call(
      'GET',
      'entities?top=2',
      { headers: { 'x-ms-continuation-token': token } },
    );
    const listed = page.body as readonly { readonly entityId: { readonly key: string } }[];
    keys.push(...listed.map(({ entityId }) => entityId.key));
    token = page.headers['x-ms-continuation-token'];
  }
  expect(keys).toEqual(['a', 'b', 'c']);
});

conforms(handler, 'an entity that was deleted is not listed and cannot be read', async () => {
  await makeCounters(['a', 'b']);
  await host.client.signalEntity(new EntityId('Counter', 'a'), 'delete');
  const a = new EntityId('Counter', 'a');
  const read = () => host.client.readEntityState(a);
  await eventually(read, ({ entityExists }) => !entityExists, 30_000, 5);
  const { body } = await host.call('GET', 'entities');
  expect(body).toHaveLength(1);
});

conforms(handler, 'an entity is purged by its instance id, although it runs for ever', async () => {
  await makeCounters(['a']);
  const purged = await host.client.purgeInstanceHistory('@counter@a');
  expect(purged).toMatchObject({ instancesDeleted: 1 });
  expect((await host.call('GET', 'entities/Counter/a')).status).toBe(404);
  expect((await host.call('DELETE', 'instances/@counter@a')).status).toBe(404);
});

conforms(api, 'orchestrations are listed without entities', async () => {
  await makeCounters(['a']);
  expect(await host.client.getStatusAll()).toEqual([]);
});
