import { conforms, conformsEach } from '../../support/conformance.ts';
import { advance, becomes, call, ids, run } from './management-api-world.ts';

const API = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api';
const HANDLER =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs';
const ALL_STATUS = `${API}#get-all-instances-status`;
const PURGING = `${API}#purge-multiple-instance-histories`;
const EVENTS = `${API}#raise-event`;
const TERMINATING = `${API}#terminate-instance`;
const SUSPENDING = `${API}#suspend-instance`;

describe('queries', () => {
  beforeEach(async () => {
    for (const id of ['a-1', 'a-2', 'b-1']) {
      await run('Echo', id);
      advance(60_000);
    }
    await call('POST', 'orchestrators/Wait/b-2');
  });

  conforms(ALL_STATUS, 'answer all instances', async () => {
    expect(ids(await call('GET', 'instances'))).toEqual(['a-1', 'a-2', 'b-1', 'b-2']);
    expect(ids(await call('GET', 'instances/'))).toHaveLength(4);
  });

  conformsEach(
    ALL_STATUS,
    'by %s',
    [
      ['runtimeStatus=Completed', ['a-1', 'a-2', 'b-1']],
      ['runtimeStatus=Pending,Running', ['b-2']],
      ['runtimeStatus=Canceled', []],
      ['instanceIdPrefix=b-', ['b-1', 'b-2']],
      ['createdTimeFrom=2026-01-01T00:01:00Z', ['a-2', 'b-1', 'b-2']],
      ['createdTimeTo=2026-01-01T00:01:00Z', ['a-1', 'a-2']],
      ['createdTimeFrom=2026-01-01T00:01:00Z&createdTimeTo=2026-01-01T00:02:00Z', ['a-2', 'b-1']],
      ['instanceIdPrefix=a-&runtimeStatus=Running', []],
      // A name's case counts for nothing: a filter must not be lost for it.
      ['RUNTIMESTATUS=Completed&instanceidprefix=b-', ['b-1']],
    ],
    async (query, expected) => {
      expect(ids(await call('GET', `instances?${query}`))).toEqual(expected);
    },
  );

  conforms(
    ALL_STATUS,
    'come in pages that are asked for with the token of the one before',
    async () => {
      const seen: unknown[] = [];
      let token: string | undefined;
      do {
        const headers: Record<string, string> =
          token === undefined ? {} : { 'x-ms-continuation-token': token };
        const page = await call('GET', 'instances?top=3', { headers });
        expect(ids(page).length).toBeLessThanOrEqual(3);
        seen.push(...ids(page));
        token = page.headers['x-ms-continuation-token'];
      } while (token !== undefined);
      expect(seen).toEqual(['a-1', 'a-2', 'b-1', 'b-2']);
    },
  );

  conformsEach(
    HANDLER,
    'that ask for a page of %s entries get one of 100',
    [['1e308'], ['2147483648'], ['1.5'], ['many']],
    async (top) => {
      const response = await call('GET', `instances?top=${top}`);
      expect(ids(response)).toEqual(['a-1', 'a-2', 'b-1', 'b-2']);
    },
  );

  conforms(PURGING, 'can be purged: finished ones only, by time', async () => {
    expect(await call('DELETE', 'instances?createdTimeFrom=2026-01-01T00:01:00Z')).toMatchObject({
      status: 200,
      body: { instancesDeleted: 2 },
    });
    expect(ids(await call('GET', 'instances'))).toEqual(['a-1', 'b-2']);
  });

  conforms(PURGING, 'to purge need the time they begin at', async () => {
    expect((await call('DELETE', 'instances')).status).toBe(400);
  });

  conforms(PURGING, 'that find nothing to purge answer 404', async () => {
    expect((await call('DELETE', 'instances?createdTimeFrom=2030-01-01')).status).toBe(404);
  });
});

describe('an instance', () => {
  conforms(EVENTS, 'takes an event', async () => {
    await call('POST', 'orchestrators/Wait/one');
    const sent = await call('POST', 'instances/one/raiseEvent/go', { body: '{"a":1}' });
    expect(sent.status).toBe(202);
    expect((await becomes('one', 'Completed')).body).toMatchObject({ output: { got: { a: 1 } } });
  });

  conforms(HANDLER, 'takes no event that is not JSON', async () => {
    await call('POST', 'orchestrators/Wait/one');
    const headers = { 'content-type': 'text/plain' };
    const plain = await call('POST', 'instances/one/raiseEvent/go', { body: '1', headers });
    expect(plain.status).toBe(400);
    expect((await call('POST', 'instances/one/raiseEvent/go', { body: '{' })).status).toBe(400);
  });

  conformsEach(
    EVENTS,
    'that is unknown answers 404 to %s, one that has finished 410',
    [['raiseEvent/go'], ['terminate'], ['suspend'], ['resume']],
    async (operation) => {
      await run('Echo', 'done');
      const body = 'null';
      expect((await call('POST', `instances/nobody/${operation}`, { body })).status).toBe(404);
      expect((await call('POST', `instances/done/${operation}`, { body })).status).toBe(410);
    },
  );

  conforms(TERMINATING, 'is terminated with the reason as its output', async () => {
    await call('POST', 'orchestrators/Wait/one');
    expect((await call('POST', 'instances/one/terminate?reason=so%20be%20it')).status).toBe(202);
    expect((await becomes('one', 'Terminated')).body).toMatchObject({ output: 'so be it' });
  });

  conforms(SUSPENDING, 'is suspended and resumed', async () => {
    await call('POST', 'orchestrators/Wait/one');
    await call('POST', 'instances/one/suspend?reason=x');
    expect((await becomes('one', 'Suspended')).status).toBe(202);
    await call('POST', 'instances/one/resume?reason=x');
    expect((await becomes('one', 'Running')).status).toBe(202);
  });

  conforms(PURGING, 'is purged when it has finished, and only then', async () => {
    await run('Echo', 'done');
    await call('POST', 'orchestrators/Wait/one');
    expect(await call('DELETE', 'instances/done')).toMatchObject({
      status: 200,
      body: { instancesDeleted: 1 },
    });
    expect((await call('GET', 'instances/done')).status).toBe(404);
    expect((await call('DELETE', 'instances/done')).status).toBe(404);
    expect((await call('DELETE', 'instances/one')).status).toBe(412);
  });

  conforms(HANDLER, 'is restarted under a new id, or its own when asked for', async () => {
    await run('Echo', 'one', '7');
    const wait = 'timeout=10&pollingInterval=1';
    expect(await call('POST', `instances/one/restart?${wait}`)).toMatchObject({
      status: 200,
      body: { echo: 7 },
    });
    await call('POST', `instances/one/restart?restartWithNewInstanceId=false&${wait}`);
    expect(ids(await call('GET', 'instances'))).toHaveLength(2);
  });
});
