/**
 * Function chaining: functions one after another, each with the output of the one before.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-overview#chaining
 * and https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-sequence
 */
import * as df from 'durable-functions';

const sayHello = df.app.activity('SayHello', { handler: (city) => `Hello ${city}!` });

/** The cities are greeted in this order, one at a time. */
df.app.orchestration('HelloSequence', function* () {
  const outputs = [];
  for (const city of ['Tokyo', 'Seattle', 'London']) outputs.push(yield sayHello(city));
  return outputs;
});

const readOrder = df.app.activity('ReadOrder', {
  handler: ({ pieces, price }) => {
    if (!(pieces > 0)) throw new Error('An order has at least one piece.');
    return { pieces, price };
  },
});
const addUp = df.app.activity('AddUp', { handler: ({ pieces, price }) => pieces * price });
const addTax = df.app.activity('AddTax', { handler: (net) => Math.round(net * 119) / 100 });
const writeBill = df.app.activity('WriteBill', { handler: (total) => `To pay: ${total}` });

/** What one returns, the next one gets; an error in any of them ends up in one place. */
df.app.orchestration('BillOrder', function* (context) {
  try {
    const order = yield readOrder(context.df.getInput());
    const net = yield addUp(order);
    const total = yield addTax(net);
    return yield writeBill(total);
  } catch (error) {
    return `No bill: ${error.message}`;
  }
});

df.app.client.http('HttpStart', {
  route: 'orchestrators/{name}',
  methods: ['POST'],
  handler: async (request, client) => {
    const text = await request.text();
    const input = text === '' ? null : JSON.parse(text);
    const instanceId = await client.startNew(request.params.name, { input });
    return client.createCheckStatusResponse(request, instanceId);
  },
});
