/**
 * Critical section: several entities are changed together, and nobody comes in between.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities#entity-coordination
 */
import * as df from 'durable-functions';

df.app.entity('Account', (context) => {
  const balance = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(balance + context.df.getInput());
      break;
    case 'get':
      context.df.return(balance);
      break;
  }
});

const account = (name) => new df.EntityId('Account', name);

df.app.orchestration('Transfer', function* (context) {
  const { from, to, amount } = context.df.getInput();
  const lock = yield context.df.lock(account(from), account(to));
  try {
    const balance = yield context.df.callEntity(account(from), 'get');
    if (balance < amount) return false;
    yield context.df.callEntity(account(from), 'add', -amount);
    yield context.df.callEntity(account(to), 'add', amount);
    return true;
  } finally {
    lock.release();
  }
});

df.app.client.http('Deposit', {
  route: 'accounts/{name}',
  methods: ['POST'],
  handler: async (request, client) => {
    await client.signalEntity(account(request.params.name), 'add', await request.json());
    return { status: 202 };
  },
});

df.app.client.http('Balance', {
  route: 'accounts/{name}',
  methods: ['GET'],
  handler: async (request, client) => {
    const { entityState } = await client.readEntityState(account(request.params.name));
    return { jsonBody: entityState ?? 0 };
  },
});

df.app.client.http('StartTransfer', {
  route: 'transfers',
  methods: ['POST'],
  handler: async (request, client) => {
    const instanceId = await client.startNew('Transfer', { input: await request.json() });
    return client.createCheckStatusResponse(request, instanceId);
  },
});
