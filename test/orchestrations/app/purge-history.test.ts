import type { DurableClient } from 'durable-functions';
import { makePurgeHistory } from '../../../functions/triggers/purge-history.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';

const DAY = 86_400_000;

test('removes what has ended, and nothing that runs or is young', async () => {
  const host = await makeDurableHost({
    orchestrators: {
      *Wait(context) {
        yield context.df.waitForExternalEvent('go');
      },
    },
  });
  const { client } = host;
  for (const instanceId of ['old', 'waiting']) await client.startNew('Wait', { instanceId });
  await client.raiseEvent('old', 'go', null);
  await host.becomes('old', 'Completed');

  await purge(client, 29);
  expect(await ids(client)).toEqual(['old', 'waiting']);
  await purge(client, 31);
  expect(await ids(client)).toEqual(['waiting']);
  await purge(client, 31);
  expect(await ids(client)).toEqual(['waiting']);
});

/** As the app's timer does, so many days after the host's clock. */
async function purge(client: DurableClient, inDays: number): Promise<void> {
  const now = () => new Date(Date.parse('2026-01-01T00:00:00Z') + inDays * DAY);
  const run = makePurgeHistory({ keepSeconds: 30 * 86_400, now });
  await run(undefined, client, { log: () => undefined });
}

async function ids(client: DurableClient): Promise<readonly string[]> {
  return (await client.getStatusAll()).map(({ instanceId }) => instanceId).sort();
}
