import { OrchestrationRuntimeStatus } from 'durable-functions';
import { readRunning } from '../../../functions/triggers/dashboard/running-operations.ts';
import { makeStatus } from '../../support/fake-durable-client.ts';

const at = (second: number) => new Date(`2026-07-25T01:08:${String(second).padStart(2, '0')}Z`);
const sync = (number: number) => `sync-${String(number).padStart(20, '0')}`;

describe('What is running', () => {
  it('asks the task hub once, and only for what has not ended', async () => {
    const asked: unknown[] = [];
    await readRunning({
      getStatusBy: async (filter) => {
        asked.push(filter);
        return [];
      },
    });
    const { Pending, Running, Suspended } = OrchestrationRuntimeStatus;
    expect(asked).toEqual([{ runtimeStatus: [Pending, Running, Suspended] }]);
  });

  it('tells what each is about and where it is, the longest running first', async () => {
    const source = { vault: 'contoso-kv', name: 'gateway-client' };
    const found = [
      makeStatus(sync(1), {
        createdTime: at(9),
        input: { source },
        customStatus: { step: 'Reading' },
      }),
      makeStatus('sweep', { createdTime: at(1) }),
      makeStatus(`ca-${'0'.repeat(20)}`, { createdTime: at(5), input: { service: 'contoso-gw' } }),
    ];
    expect(await readRunning({ getStatusBy: async () => found })).toEqual({
      shown: [
        { id: 'sweep', kind: 'sweep', step: 'Starting', startedAt: at(1).toISOString() },
        {
          ...{ id: `ca-${'0'.repeat(20)}`, kind: 'ca-update', about: 'contoso-gw' },
          ...{ step: 'Starting', startedAt: at(5).toISOString() },
        },
        {
          ...{ id: sync(1), kind: 'sync', about: 'contoso-kv/gateway-client' },
          ...{ step: 'Reading', startedAt: at(9).toISOString() },
        },
      ],
      leftOut: 0,
    });
  });

  it('leaves out the parts of an operation and what others have in the hub, and counts the rest', async () => {
    const found = [
      makeStatus('sweep:0003'),
      makeStatus('somebody-elses'),
      ...Array.from({ length: 23 }, (_, number) => makeStatus(sync(number))),
    ];
    const { shown, leftOut } = await readRunning({ getStatusBy: async () => found });
    expect([shown.length, leftOut]).toEqual([20, 3]);
  });
});
