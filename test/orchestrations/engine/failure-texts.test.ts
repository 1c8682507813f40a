import type { OrchestrationHandler } from 'durable-functions';
import { makeDurableHost } from '../../support/host/durable-host.ts';

test('an orchestrator that is no generator fails with a hint at function*', async () => {
  // What JavaScript lets through, and the library's types do not.
  const plain = (() => Promise.resolve('done')) as unknown as OrchestrationHandler;
  const host = await makeDurableHost({ orchestrators: { plain } });
  await host.client.startNew('plain', { instanceId: 'one' });
  expect(await host.becomes('one', 'Failed')).toMatchObject({
    output: expect.stringMatching(
      /^Orchestrator function 'plain' failed: .*generator\.next is not a function: an orchestrator must be a generator, function\*/,
    ) as string,
  });
});
