import fc from 'fast-check';
import { makeArrivals } from '../../../shared/azure/arrivals.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { Arrival } from '../../../shared/domain/arrival-ports.ts';
import { NOW, OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const now = () => new Date(NOW);

describe('Arrivals', () => {
  test('are numbered; the first finds the desk closed, the next ones find it open', async () => {
    const arrivals = makeArrivals(makeMemoryTable(), now);
    await expect(arrivals.arrive(SOURCE, false)).resolves.toEqual({ number: 1, desk: 'closed' });
    await expect(arrivals.arrive(SOURCE, true)).resolves.toEqual({
      number: 2,
      desk: 'open',
      openedAt: NOW,
    });
    await expect(arrivals.read(SOURCE)).resolves.toMatchObject({
      number: 2,
      freshAt: 2,
      closed: 0,
    });
  });

  test('keep who asked last, whatever comes after without being asked for', async () => {
    const arrivals = makeArrivals(makeMemoryTable(), now);
    const by = { kind: 'entra', id: 'an-id', name: 'Ann' } as const;
    await arrivals.arrive(SOURCE, true, { kind: 'function-key' });
    await arrivals.arrive(SOURCE, true, by);
    await arrivals.arrive(SOURCE, false);
    await arrivals.close(SOURCE, 3);
    await expect(arrivals.read(SOURCE)).resolves.toMatchObject({ asker: { number: 2, by } });
  });

  test('tell when the desk was opened, not when somebody else arrived', async () => {
    let hour = 1;
    const arrivals = makeArrivals(makeMemoryTable(), () => new Date(Date.UTC(2026, 0, 1, hour)));
    await arrivals.arrive(SOURCE, false);
    for (hour of [2, 3]) {
      await expect(arrivals.arrive(SOURCE, false)).resolves.toMatchObject({
        openedAt: '2026-01-01T01:00:00.000Z',
      });
    }
  });

  test('of one source are nothing to another', async () => {
    const arrivals = makeArrivals(makeMemoryTable(), now);
    await arrivals.arrive(SOURCE, false);
    await expect(arrivals.read(OTHER_SOURCE)).resolves.toMatchObject({ number: 0, closed: 0 });
    await expect(arrivals.arrive(OTHER_SOURCE, false)).resolves.toMatchObject({ desk: 'closed' });
  });

  test('keep a sync from closing on what it has not seen', async () => {
    const arrivals = makeArrivals(makeMemoryTable(), now);
    await arrivals.arrive(SOURCE, false);
    const { number } = await arrivals.read(SOURCE);
    await arrivals.arrive(SOURCE, false);
    await expect(arrivals.close(SOURCE, number)).resolves.toBe(false);
    await expect(arrivals.close(SOURCE, number + 1)).resolves.toBe(true);
    await expect(arrivals.arrive(SOURCE, false)).resolves.toMatchObject({ desk: 'closed' });
  });

  test('are closed twice as they are closed once', async () => {
    const arrivals = makeArrivals(makeMemoryTable(), now);
    await arrivals.arrive(SOURCE, false);
    await expect(arrivals.close(SOURCE, 1)).resolves.toBe(true);
    await expect(arrivals.close(SOURCE, 1)).resolves.toBe(true);
    await arrivals.arrive(SOURCE, false);
    await expect(arrivals.close(SOURCE, 1)).resolves.toBe(false);
    await expect(arrivals.read(SOURCE)).resolves.toMatchObject({ number: 2, closed: 1 });
  });

  test('are all answered by a close that could not read the source', async () => {
    const arrivals = makeArrivals(makeMemoryTable(), now);
    await arrivals.arrive(SOURCE, false);
    await arrivals.arrive(SOURCE, false);
    await expect(arrivals.close(SOURCE, 'last')).resolves.toBe(true);
    await expect(arrivals.read(SOURCE)).resolves.toMatchObject({ number: 2, closed: 2 });
  });

  test('give up, so that they are delivered again, when somebody always comes between', async () => {
    const table = makeMemoryTable();
    const arrivals = makeArrivals({ ...table, add: () => Promise.resolve(false) }, now);
    await expect(arrivals.arrive(SOURCE, false)).rejects.toThrow(TransientError);
  });

  test('are never lost, however arrivals, looks and closes come between each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        async (scheduler, freshness) => {
          const course = await play(scheduler, freshness);
          const { all, looked, closes, state } = course;
          const numbers = all.map(({ arrival }) => arrival.number).sort((a, b) => a - b);
          expect(numbers).toEqual(freshness.map((_, index) => index + 1));
          // Whoever found the desk closed has opened it, and each opening was closed once.
          expect(all.filter(({ arrival }) => arrival.desk === 'closed')).toHaveLength(closes);
          // The last look came after the last arrival, and closed on it.
          expect(Math.max(...looked)).toBe(freshness.length);
          expect(state.closed).toBe(freshness.length);
          const fresh = all.filter((one) => one.fresh).map(({ arrival }) => arrival.number);
          expect(state.freshAt).toBe(Math.max(0, ...fresh));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('leave the desk open when the sync dies before it closes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
        async (scheduler, freshness) => {
          const { all, closes, state } = await play(scheduler, freshness, { dies: true });
          const openers = all.filter(({ arrival }) => arrival.desk === 'closed');
          expect(openers).toHaveLength(1);
          expect(closes).toBe(0);
          expect(state.number).toBe(freshness.length);
          expect(state.closed).toBe(0);
        },
      ),
    );
  });
});

/**
 * Lets everybody arrive at once; whoever finds the desk closed runs a sync, which looks and closes
 * until it may. The scheduler decides which of the table's answers comes next.
 */
async function play(scheduler: fc.Scheduler, freshness: readonly boolean[], { dies = false } = {}) {
  const table = makeMemoryTable();
  const arrivals = makeArrivals(
    {
      get: scheduler.scheduleFunction((partition: string, key: string) =>
        table.get(partition, key),
      ),
      add: scheduler.scheduleFunction((row: Parameters<typeof table.add>[0]) => table.add(row)),
      replace: scheduler.scheduleFunction((row: Parameters<typeof table.replace>[0]) =>
        table.replace(row),
      ),
    },
    now,
  );
  const looked: number[] = [];
  let closes = 0;
  const sync = async (): Promise<void> => {
    for (;;) {
      const { number } = await arrivals.read(SOURCE);
      looked.push(number);
      if (dies) return;
      if (await arrivals.close(SOURCE, number)) break;
    }
    closes += 1;
  };
  const arrive = async (fresh: boolean): Promise<{ fresh: boolean; arrival: Arrival }> => {
    const arrival = await arrivals.arrive(SOURCE, fresh);
    if (arrival.desk === 'closed') await sync();
    return { fresh, arrival };
  };
  const all = await scheduler.waitFor(Promise.all(freshness.map(arrive)));
  const state = await scheduler.waitFor(arrivals.read(SOURCE));
  return { all, looked, closes, state };
}
