import type { OrchestrationContext, Task } from 'durable-functions';
import { isRecord, type JsonRecord } from '../../../local/host/durable/json.ts';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost, type DurableHost } from '../../support/host/durable-host.ts';

const api =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#get-instance-status';
const listing =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#get-all-instances-status';
const client =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableClient.cs';
const handler =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs';

type Run = Generator<Task, unknown, unknown>;

const orchestrators = {
  *Story(context: OrchestrationContext): Run {
    yield context.df.callActivity('Work', 'do it');
    try {
      yield context.df.callActivity('Fail', 'try it');
    } catch {
      // It is in the history all the same.
    }
    yield context.df.callSubOrchestrator('Sub', { a: 1 }, 'sub');
    yield context.df.createTimer(new Date('2026-01-01T00:00:00Z'));
    const event = yield context.df.waitForExternalEvent('go');
    return { event };
  },
  // eslint-disable-next-line require-yield -- it ends before it asks for anything
  *Sub(): Run {
    return 'sub done';
  },
};

const activities = {
  Work: () => ({ worked: true }),
  Fail: () => {
    throw new Error('no luck');
  },
};

async function tellStory(): Promise<DurableHost> {
  const host = await makeDurableHost({ orchestrators, activities });
  await host.client.startNew('Story', { instanceId: 'one', input: 'once upon a time' });
  await host.client.raiseEvent('one', 'go', 'the end');
  await host.becomes('one', 'Completed');
  return host;
}

async function historyOf(host: DurableHost, query = ''): Promise<JsonRecord[]> {
  const { body } = await host.call('GET', `instances/one?showHistory=true${query}`);
  const events = isRecord(body) ? body['historyEvents'] : undefined;
  return Array.isArray(events) ? events.filter(isRecord) : [];
}

function only(events: readonly JsonRecord[], ...keys: readonly string[]): JsonRecord[] {
  return events.map((event) =>
    Object.fromEntries(Object.entries(event).filter(([key]) => keys.includes(key))),
  );
}

describe('the history of an instance', () => {
  conforms(api, 'tells what happened, one entry for a task and its end', async () => {
    const host = await tellStory();
    const events = only(await historyOf(host), 'EventType', 'FunctionName', 'OrchestrationStatus');
    expect(events.filter(({ EventType }) => EventType !== 'EventRaised')).toEqual([
      { EventType: 'ExecutionStarted', FunctionName: 'Story' },
      { EventType: 'TaskCompleted', FunctionName: 'Work' },
      { EventType: 'TaskFailed', FunctionName: 'Fail' },
      { EventType: 'SubOrchestrationInstanceCompleted', FunctionName: 'Sub' },
      { EventType: 'TimerCreated' },
      { EventType: 'TimerFired' },
      { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Completed' },
    ]);
  });

  conforms(api, 'says when each thing was asked for and when it ended', async () => {
    const host = await tellStory();
    const at = '2026-01-01T00:00:00.000Z';
    const [, work] = await historyOf(host);
    expect(work).toMatchObject({ ScheduledTime: at, Timestamp: at });
  });

  conforms(api, 'has results with showHistoryOutput only', async () => {
    const host = await tellStory();
    expect(only(await historyOf(host), 'Result').filter((one) => 'Result' in one)).toEqual([]);
    const shown = only(await historyOf(host, '&showHistoryOutput=true'), 'Result');
    expect(shown.filter((one) => 'Result' in one)).toEqual([
      { Result: { worked: true } },
      { Result: 'sub done' },
      { Result: { event: 'the end' } },
    ]);
  });

  conforms(client, 'says why a task failed', async () => {
    const host = await tellStory();
    const failure = (await historyOf(host)).find(({ EventType }) => EventType === 'TaskFailed');
    expect(failure).toMatchObject({
      Reason: "Activity function 'Fail' failed: no luck",
      Details: expect.stringContaining('no luck') as string,
    });
  });

  conforms(client, 'has inputs, as text, unless showInput is false', async () => {
    const host = await tellStory();
    const [started, work] = await historyOf(host);
    expect(started).toMatchObject({ Input: '"once upon a time"' });
    expect(work).toMatchObject({ Input: expect.stringContaining('do it') as string });
    const without = await historyOf(host, '&showInput=false');
    expect(without.filter((event) => 'Input' in event)).toEqual([]);
  });

  conforms(client, 'of one that runs shows what is still open', async () => {
    const gate = Promise.withResolvers<undefined>();
    const host = await makeDurableHost({
      orchestrators,
      activities: { ...activities, Work: () => gate.promise },
    });
    await host.client.startNew('Story', { instanceId: 'one' });
    await host.until(() => host.calls.includes('Work'));
    expect(only(await historyOf(host), 'EventType', 'Name')).toEqual([
      { EventType: 'ExecutionStarted' },
      { EventType: 'TaskScheduled', Name: 'Work' },
    ]);
    gate.resolve(undefined);
  });

  conforms(api, 'is not there unless it is asked for', async () => {
    const host = await tellStory();
    for (const query of ['', '?showHistory=false', '?showHistoryOutput=true']) {
      const { body } = await host.call('GET', `instances/one${query}`);
      expect(isRecord(body) && (body['historyEvents'] ?? null)).toBeNull();
    }
  });
});

describe('the list of instances', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];

  async function makeList(): Promise<DurableHost> {
    const host = await makeDurableHost({ orchestrators });
    for (const [minute, id] of ids.entries()) {
      host.setTime(`2026-01-01T00:0${minute}:00Z`);
      await host.client.startNew('Sub', { instanceId: id, input: id });
      await host.becomes(id, 'Completed');
    }
    return host;
  }

  conforms(listing, 'has inputs unless showInput is false', async () => {
    const host = await makeList();
    const inputs = async (query: string) => {
      const { body } = await host.call('GET', `instances${query}`);
      return Array.isArray(body) ? only(body.filter(isRecord), 'input') : [];
    };
    expect(await inputs('')).toEqual(ids.map((id) => ({ input: id })));
    expect(await inputs('?showInput=false')).toEqual(ids.map(() => ({ input: null })));
  });

  conforms(listing, 'keeps to its filter over all its pages', async () => {
    const host = await makeList();
    const seen: unknown[] = [];
    let token = '';
    do {
      const { body, headers } = await host.call(
        'GET',
        'instances?createdTimeFrom=2026-01-01T00:01:00Z&createdTimeTo=2026-01-01T00:03:00Z&top=2',
        { headers: token === '' ? {} : { 'x-ms-continuation-token': token } },
      );
      if (Array.isArray(body)) seen.push(...body.filter(isRecord).map((one) => one['instanceId']));
      token = headers['x-ms-continuation-token'] ?? '';
    } while (token !== '');
    expect(seen).toEqual(['b', 'c', 'd']);
  });

  conforms(listing, 'is the same through the client’s getStatusBy', async () => {
    const host = await makeList();
    const found = await host.client.getStatusBy({
      createdTimeFrom: new Date('2026-01-01T00:03:00Z'),
      createdTimeTo: new Date('2026-01-01T00:04:00Z'),
    });
    expect(found.map(({ instanceId }) => instanceId)).toEqual(['d', 'e']);
  });

  conforms(handler, 'has a hundred instances a page unless top says otherwise', async () => {
    const host = await makeDurableHost({ orchestrators });
    await Promise.all(Array.from({ length: 101 }, () => host.call('POST', 'orchestrators/Sub')));
    const { body, headers } = await host.call('GET', 'instances');
    expect(body).toHaveLength(100);
    expect(headers).toHaveProperty('x-ms-continuation-token');
    expect((await host.call('GET', 'instances?top=1')).body).toHaveLength(1);
  });
});
