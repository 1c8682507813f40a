import { conforms } from '../../support/conformance.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';
import { chain, fail, flaky, type Run } from './failing-app.ts';

const handler =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs';
const library = 'durable-functions lib/src/durableClient/DurableClient.js';

conforms(
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#rewind-instance-preview',
  'POST rewind answers 202 with an empty body, and 404 for an unknown instance',
  async () => {
    const host = await makeDurableHost({
      orchestrators: chain,
      activities: { First: flaky(1, 1), Second: () => 2 },
    });
    await fail(host, 'Chain', 'one');
    const rewound = await host.call('POST', 'instances/one/rewind?reason=mended');
    expect(rewound).toEqual({ status: 202, headers: {} });
    expect((await host.call('POST', 'instances/one/rewind?reason=twice')).status).toBe(412);
    expect((await host.call('POST', 'instances/nobody/rewind?reason=x')).status).toBe(404);
    await host.becomes('one', 'Completed');
  },
);

conforms(handler, 'only a failed instance is rewound; another one answers 412', async () => {
  const host = await makeDurableHost({
    orchestrators: {
      *Wait(context): Run {
        return yield context.df.waitForExternalEvent('go');
      },
    },
  });
  const rewind = () => host.call('POST', 'instances/one/rewind?reason=x');
  await host.client.startNew('Wait', { instanceId: 'one' });
  await host.becomes('one', 'Running');
  expect((await rewind()).status).toBe(412);
  await host.client.suspend('one', 'x');
  await host.becomes('one', 'Suspended');
  expect((await rewind()).status).toBe(412);
  await host.client.terminate('one', 'x');
  await host.becomes('one', 'Terminated');
  expect((await rewind()).status).toBe(412);
});

conforms(library, 'the client tells why an instance cannot be rewound', async () => {
  const host = await makeDurableHost({
    orchestrators: chain,
    activities: { First: () => 1, Second: () => 2 },
  });
  await host.client.startNew('Chain', { instanceId: 'one' });
  await host.becomes('one', 'Completed');
  await expect(host.client.rewind('one', 'x')).rejects.toThrow(/'one' is Completed/);
  await expect(host.client.rewind('nobody', 'x')).rejects.toThrow(/'nobody'/);
});
