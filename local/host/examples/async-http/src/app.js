/**
 * Async HTTP API: a request that takes long is answered at once, with an address to ask later.
 * https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-overview#async-http
 * and https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-features
 */
import * as df from 'durable-functions';

const finish = df.app.activity('Finish', { handler: (job) => `Done: ${job}` });

/** Work that takes `seconds`; its custom status says how far it is. */
df.app.orchestration('DoWork', function* (context) {
  const { job, seconds } = context.df.getInput();
  context.df.setCustomStatus('Working');
  const ends = new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
  yield context.df.createTimer(ends);
  context.df.setCustomStatus('Finishing');
  return yield finish(job);
});

df.app.client.http('StartWork', {
  route: 'orchestrators/{name}',
  methods: ['POST'],
  handler: async (request, client) => {
    const input = await request.json();
    const instanceId = await client.startNew(request.params.name, { input });
    return client.createCheckStatusResponse(request, instanceId);
  },
});

/** Answers with the result where it is there in time, else as `StartWork` does. */
df.app.client.http('StartWorkAndWait', {
  route: 'orchestrators/{name}/wait',
  methods: ['POST'],
  handler: async (request, client) => {
    const input = await request.json();
    const instanceId = await client.startNew(request.params.name, { input });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, instanceId, {
      timeoutInMilliseconds: Number(request.query.get('timeout') ?? 10) * 1000,
      retryIntervalInMilliseconds: 100,
    });
  },
});
