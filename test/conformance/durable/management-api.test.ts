import { conforms, conformsEach } from '../../support/conformance.ts';
import { call, origin, run } from './management-api-world.ts';

const API = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api';
const STARTING = `${API}#start-orchestration`;
const HANDLER =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs';
const STATUS = `${API}#get-instance-status`;

describe('starting', () => {
  conforms(STARTING, 'answers 202 with the management addresses and where to look', async () => {
    const response = await call('POST', 'orchestrators/Wait/one');
    expect(response.status).toBe(202);
    expect(response.headers['Retry-After']).toBe('10');
    expect(response.headers['Location']).toBe(
      `${origin}/runtime/webhooks/durabletask/instances/one?taskHub=Hub&connection=Storage&code=secret`,
    );
    expect(response.body).toMatchObject({
      id: 'one',
      sendEventPostUri: `${origin}/runtime/webhooks/durabletask/instances/one/raiseEvent/{eventName}?taskHub=Hub&connection=Storage&code=secret`,
    });
  });

  conforms(STARTING, 'without an id makes one', async () => {
    const response = await call('POST', 'orchestrators/Wait');
    expect(response.body).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  });

  conforms(
    HANDLER,
    'with a timeout answers the output when the orchestration ends in time',
    async () => {
      const response = await run('Echo', 'one', '{"a":1}');
      expect(response).toMatchObject({ status: 200, body: { echo: { a: 1 } } });
    },
  );

  conforms(HANDLER, 'with a timeout that passes answers 202', async () => {
    const response = await call('POST', 'orchestrators/Wait/one?timeout=0.01&pollingInterval=0.01');
    expect(response.status).toBe(202);
  });

  conforms(STARTING, 'an id that is running is a conflict', async () => {
    await call('POST', 'orchestrators/Wait/one');
    expect((await call('POST', 'orchestrators/Wait/one')).status).toBe(409);
  });

  conforms(STARTING, 'an id that has finished is started again', async () => {
    await run('Echo', 'one', '1');
    expect(await run('Echo', 'one', '2')).toMatchObject({ status: 200, body: { echo: 2 } });
  });

  conforms(HANDLER, 'an orchestrator that the app does not have is named in a 400', async () => {
    const response = await call('POST', 'orchestrators/Nobody');
    expect(response).toMatchObject({
      status: 400,
      body: { Message: expect.stringContaining("'Nobody'") as string },
    });
  });

  conforms(HANDLER, 'a body that is no JSON is a 400', async () => {
    expect((await call('POST', 'orchestrators/Wait', { body: '{' })).status).toBe(400);
  });

  conformsEach(
    HANDLER,
    'an id %s is a 400',
    [
      ['that is too long', 'x'.repeat(101)],
      ['with a question mark', 'a%3Fb'],
      ['with a hash', 'a%23b'],
      ['with a backslash', 'a%5Cb'],
      ['with a slash', 'a%2Fb'],
      ['that begins like an entity', '@a'],
    ],
    async (_, id) => {
      expect((await call('POST', `orchestrators/Wait/${id}`)).status).toBe(400);
    },
  );

  conforms(HANDLER, 'another task hub is unknown here', async () => {
    expect((await call('POST', 'orchestrators/Wait?taskHub=Other')).status).toBe(404);
  });
});

describe('status', () => {
  conforms(STATUS, 'of an unknown instance is a 404', async () => {
    expect((await call('GET', 'instances/nobody')).status).toBe(404);
  });

  conforms(STATUS, 'of a running instance is a 202 that says when to look again', async () => {
    await call('POST', 'orchestrators/Wait/one', { body: '[1]' });
    const response = await call('GET', 'instances/one');
    expect(response.status).toBe(202);
    expect(response.headers).toHaveProperty('Location');
    expect(response.headers['Retry-After']).toBe('5');
    expect(response.body).toMatchObject({
      name: 'Wait',
      instanceId: 'one',
      input: [1],
      output: null,
      customStatus: null,
      createdTime: '2026-01-01T00:00:00Z',
    });
  });

  conforms(STATUS, 'of a finished instance has output and custom status', async () => {
    await run('Echo', 'one', '"in"');
    expect(await call('GET', 'instances/one')).toMatchObject({
      status: 200,
      body: {
        runtimeStatus: 'Completed',
        input: 'in',
        output: { echo: 'in' },
        customStatus: { on: 'it' },
      },
    });
  });

  conforms(STATUS, 'leaves the input out when it is asked to', async () => {
    await run('Echo', 'one', '"in"');
    expect((await call('GET', 'instances/one?showInput=false')).body).toMatchObject({
      input: null,
    });
  });

  conforms(STATUS, 'of a failed instance is a 200, and a 500 when asked for', async () => {
    await run('Fail', 'one');
    const body = {
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'Fail' failed: no luck",
    };
    expect(await call('GET', 'instances/one')).toMatchObject({ status: 200, body });
    expect(
      await call('GET', 'instances/one?returnInternalServerErrorOnFailure=true'),
    ).toMatchObject({ status: 500, body });
  });

  conforms(
    STATUS,
    'shows the history when asked, results only when asked for them too',
    async () => {
      await run('Echo', 'one', '1');
      const entry = { EventType: 'TaskCompleted', FunctionName: 'Work' };
      const plain = await call('GET', 'instances/one?showHistory=true');
      expect(plain.body).toMatchObject({
        historyEvents: [
          { EventType: 'ExecutionStarted', FunctionName: 'Echo' },
          entry,
          { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Completed' },
        ],
      });
      expect(JSON.stringify(plain.body)).not.toContain('worked');
      const full = await call('GET', 'instances/one?showHistory=true&showHistoryOutput=true');
      expect(full.body).toMatchObject({
        historyEvents: [{}, { ...entry, Result: 'worked' }, { Result: { echo: 1 } }],
      });
    },
  );
});

conformsEach(
  HANDLER,
  '%s %s is a 404',
  [
    ['GET', 'orchestrators/Wait'],
    ['PUT', 'instances/one'],
    ['GET', 'instances/one/terminate'],
    ['POST', 'instances/one/explode'],
    ['POST', 'instances/one/raiseEvent'],
    ['GET', 'elsewhere'],
    ['GET', ''],
  ],
  async (method, address) => {
    await run('Echo', 'one');
    expect((await call(method, address)).status).toBe(404);
  },
);
