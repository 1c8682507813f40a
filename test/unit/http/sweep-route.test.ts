import { makeSweepRoute } from '../../../functions/triggers/sweep-trigger.ts';
import { findStatus } from '../../../shared/durable/start-once.ts';
import { askRoute } from '../../support/ask-route.ts';
import { makeFakeDurableClient } from '../../support/fake-durable-client.ts';

const ask = (client: ReturnType<typeof makeFakeDurableClient>, body?: unknown) =>
  askRoute(makeSweepRoute({ findStatus }), '/sweeps', {
    client,
    ...(body === undefined ? {} : { body }),
  });

describe('A sweep that is asked for', () => {
  test('is started, or joined', async () => {
    const client = makeFakeDurableClient();
    const answer = { status: 202, body: { id: 'sweep', operation: '/api/operations/sweep' } };
    expect(await ask(client)).toMatchObject(answer);
    expect(await ask(client)).toMatchObject(answer);
    expect(client.started).toEqual([{ name: 'Sweep', id: 'sweep', input: {} }]);
  });

  test('as a dry run is one of its own, beside one that is running', async () => {
    const client = makeFakeDurableClient();
    await ask(client, { dryRun: false });
    expect(await ask(client, { dryRun: true })).toMatchObject({
      status: 202,
      body: { id: 'sweep-dry-run', operation: '/api/operations/sweep-dry-run' },
    });
    expect(client.started).toEqual([
      { name: 'Sweep', id: 'sweep', input: {} },
      { name: 'Sweep', id: 'sweep-dry-run', input: { dryRun: true } },
    ]);
  });

  test.each([{ dryrun: true }, { dryRun: 'yes' }])('refuses %j', async (body) => {
    const client = makeFakeDurableClient();
    expect((await ask(client, body)).status).toBe(400);
    expect(client.started).toEqual([]);
  });
});
