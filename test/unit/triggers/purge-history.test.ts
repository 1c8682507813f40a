import type { OrchestrationFilter, PurgeHistoryResult } from 'durable-functions';
import { makePurgeHistory } from '../../../functions/triggers/purge-history.ts';
import { makeInvocation } from '../../support/invocation.ts';

const NOW = new Date('2026-11-28T03:30:00.000Z');
const DAY = 86_400;
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the client answers the parsed JSON as it came, no instance of the class
const THREE: PurgeHistoryResult = { instancesDeleted: 3 };

async function purge(answer: () => Promise<PurgeHistoryResult>) {
  const filters: OrchestrationFilter[] = [];
  const { context, lines } = makeInvocation();
  const run = makePurgeHistory({ keepSeconds: 30 * DAY, now: () => NOW });
  const client = {
    purgeInstanceHistoryBy: (filter: OrchestrationFilter) => {
      filters.push(filter);
      return answer();
    },
  };
  await run(undefined, client, context);
  return { filters, lines };
}

describe('the timer that forgets old orchestrations', () => {
  it('asks for what has ended and was begun before the time that is kept', async () => {
    const { filters, lines } = await purge(async () => THREE);
    expect(filters).toEqual([
      {
        createdTimeFrom: new Date(0),
        createdTimeTo: new Date('2026-10-29T03:30:00.000Z'),
        runtimeStatus: ['Completed', 'Failed', 'Terminated'],
      },
    ]);
    expect(lines.join()).toContain('history.purged: 3 begun before 2026-10-29T03:30:00.000Z');
  });

  it('fails when the task hub does, so that somebody sees it', async () => {
    await expect(purge(() => Promise.reject(new Error('no storage')))).rejects.toThrow(
      'no storage',
    );
  });
});
