/**
 * Aggregator: one entity takes what comes from many sides, and adds it up.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-overview#aggregator
 * and https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities
 */
import * as df from 'durable-functions';

/** One operation at a time, so nothing is lost however many come at once. */
df.app.entity('Counter', (context) => {
  const value = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + context.df.getInput());
      break;
    case 'reset':
      context.df.setState(0);
      break;
    case 'get':
      context.df.return(value);
      break;
  }
});

const counterOf = (request) => new df.EntityId('Counter', request.params.metric);

df.app.client.http('Add', {
  route: 'metrics/{metric}',
  methods: ['POST'],
  handler: async (request, client) => {
    // The entity comes into being with its first operation.
    await client.signalEntity(counterOf(request), 'add', await request.json());
    return { status: 202 };
  },
});

df.app.client.http('Reset', {
  route: 'metrics/{metric}',
  methods: ['DELETE'],
  handler: async (request, client) => {
    await client.signalEntity(counterOf(request), 'reset');
    return { status: 202 };
  },
});

df.app.client.http('Read', {
  route: 'metrics/{metric}',
  methods: ['GET'],
  handler: async (request, client) => {
    const { entityExists, entityState } = await client.readEntityState(counterOf(request));
    return entityExists ? { jsonBody: { value: entityState } } : { status: 404 };
  },
});

/** An orchestration calls an entity, and waits for what it returns. */
df.app.orchestration('ReadAfterAdding', function* (context) {
  const { metric, amount } = context.df.getInput();
  const counter = new df.EntityId('Counter', metric);
  context.df.signalEntity(counter, 'add', amount);
  return yield context.df.callEntity(counter, 'get');
});

df.app.client.http('AddAndRead', {
  route: 'metrics/{metric}/read-after-adding',
  methods: ['POST'],
  handler: async (request, client) => {
    const input = { metric: request.params.metric, amount: await request.json() };
    const instanceId = await client.startNew('ReadAfterAdding', { input });
    return client.createCheckStatusResponse(request, instanceId);
  },
});
