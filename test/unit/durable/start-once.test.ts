import fc from 'fast-check';
import { makeArrivals, makeVaultArrivals } from '../../../shared/azure/arrivals.ts';
import type { Arrivals } from '../../../shared/domain/arrival-ports.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { syncInstanceId } from '../../../shared/durable/instance-id.ts';
import { findStatus, requestSync, requestVaultCheck } from '../../../shared/durable/start-once.ts';
import { anySource } from '../../support/any-target.ts';
import { OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import { makeFakeDurableClient } from '../../support/fake-durable-client.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const ID = syncInstanceId(SOURCE);
const FRESH = { fresh: true };
const NOT_FRESH = { fresh: false };
const now = () => new Date();

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-07-25T01:00:00.000Z') });
});
afterEach(() => {
  jest.useRealTimers();
});

function setUp() {
  const arrivals = makeArrivals(makeMemoryTable(), now);
  const client = makeFakeDurableClient();
  const request = (fresh = NOT_FRESH) => requestSync({ client, arrivals, now }, SOURCE, fresh);
  return { arrivals, client, request };
}

/** Does what a sync does: looks, and closes unless something arrived meanwhile. */
async function runSync(arrivals: Arrivals): Promise<number> {
  for (;;) {
    const { number } = await arrivals.read(SOURCE);
    if (await arrivals.close(SOURCE, number)) return number;
  }
}

describe('A request for a sync', () => {
  test('starts one under the id of its source', async () => {
    const { client, request } = setUp();
    await expect(request()).resolves.toEqual({ id: ID, started: true });
    expect(client.started).toEqual([
      { name: 'SyncCertificate', id: ID, input: { source: SOURCE } },
    ]);
  });

  test('leaves word of who asked', async () => {
    const { arrivals, client } = setUp();
    const by = { kind: 'entra', id: 'an-id' } as const;
    await requestSync({ client, arrivals, now }, SOURCE, { fresh: true, by });
    await expect(arrivals.read(SOURCE)).resolves.toMatchObject({ asker: { number: 1, by } });
  });

  test('tells a running sync to look again and starts nothing', async () => {
    const { arrivals, client, request } = setUp();
    await request();
    await expect(request(FRESH)).resolves.toEqual({ id: ID, started: false });
    expect(client.started).toHaveLength(1);
    await expect(runSync(arrivals)).resolves.toBe(2);
    await expect(arrivals.read(SOURCE)).resolves.toMatchObject({ freshAt: 2 });
  });

  test('starts one among twenty at once, and that one sees them all', async () => {
    const { arrivals, client, request } = setUp();
    const answers = Promise.all(Array.from({ length: 20 }, () => request()));
    await jest.advanceTimersByTimeAsync(1_000);
    const started = (await answers).filter((answer) => answer.started);
    expect(started).toHaveLength(1);
    expect(client.started).toHaveLength(1);
    await expect(runSync(arrivals)).resolves.toBe(20);
  });

  test('starts the next one when the last one has ended', async () => {
    const { arrivals, client, request } = setUp();
    await request();
    await runSync(arrivals);
    client.set(ID, 'Completed');
    await expect(request()).resolves.toEqual({ id: ID, started: true });
    expect(client.started).toHaveLength(2);
  });

  test('waits for a sync that has closed itself and has not ended', async () => {
    const { arrivals, client, request } = setUp();
    await request();
    await runSync(arrivals);
    const answer = request();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(client.started).toHaveLength(1);
    client.set(ID, 'Completed');
    await jest.advanceTimersByTimeAsync(1_000);
    await expect(answer).resolves.toEqual({ id: ID, started: true });
    expect(client.started).toHaveLength(2);
  });

  test('is asked for again when such a sync does not end at all', async () => {
    const { arrivals, client, request } = setUp();
    await request();
    await runSync(arrivals);
    const answer = request().catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(30_000);
    const error = await answer;
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ problem: { code: 'SYNC_FAILED' } });
    expect(client.started).toHaveLength(1);
  });

  test('takes over when whoever opened before it died without starting', async () => {
    const { arrivals, client, request } = setUp();
    await arrivals.arrive(SOURCE, false);
    const answer = request();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(client.started).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(10_000);
    await expect(answer).resolves.toEqual({ id: ID, started: true });
    await expect(runSync(arrivals)).resolves.toBe(2);
  });

  test('takes over at once when that was long ago', async () => {
    const { arrivals, request } = setUp();
    await arrivals.arrive(SOURCE, false);
    jest.setSystemTime(new Date('2026-07-25T02:00:00.000Z'));
    await expect(request()).resolves.toEqual({ id: ID, started: true });
  });

  test('takes over from a sync that failed or was terminated before it closed', async () => {
    for (const end of ['Failed', 'Terminated', 'Canceled'] as const) {
      const { client, request } = setUp();
      await request();
      client.set(ID, end);
      jest.setSystemTime(Date.now() + 60_000);
      await expect(request()).resolves.toEqual({ id: ID, started: true });
    }
  });

  test('leaves a sync that is pending or held by somebody as it is', async () => {
    for (const state of ['Pending', 'Suspended', 'ContinuedAsNew'] as const) {
      const { client, request } = setUp();
      await request();
      client.set(ID, state);
      jest.setSystemTime(Date.now() + 60_000);
      await expect(request()).resolves.toEqual({ id: ID, started: false });
    }
  });

  test('is answered by a sync that closes on it while it waits', async () => {
    const { arrivals, client, request } = setUp();
    await arrivals.arrive(SOURCE, false);
    const answer = request();
    await jest.advanceTimersByTimeAsync(100);
    await runSync(arrivals);
    await jest.advanceTimersByTimeAsync(1_000);
    await expect(answer).resolves.toEqual({ id: ID, started: false });
    expect(client.started).toHaveLength(0);
  });

  test('fails as it stands when the task hub cannot be asked', async () => {
    const { arrivals, client } = setUp();
    const broken = { ...client, getStatus: () => Promise.reject(new Error('HTTP 500')) };
    await expect(requestSync({ client: broken, arrivals, now }, SOURCE, NOT_FRESH)).rejects.toThrow(
      'HTTP 500',
    );
    expect(client.started).toHaveLength(0);
  });
});

describe('A request for the check of a vault', () => {
  test('starts one, tells the one that runs, and minds no sync', async () => {
    const table = makeMemoryTable();
    const client = makeFakeDurableClient();
    const arrivals = makeVaultArrivals(table, now);
    const ports = { client, arrivals, now };
    const id = 'access-contoso-kv';
    await requestSync({ client, arrivals: makeArrivals(table, now), now }, SOURCE, NOT_FRESH);
    await expect(requestVaultCheck(ports, 'contoso-kv')).resolves.toEqual({ id, started: true });
    await expect(requestVaultCheck(ports, 'contoso-kv')).resolves.toEqual({ id, started: false });
    await expect(requestVaultCheck(ports, 'contoso-legacy-kv')).resolves.toMatchObject({
      started: true,
    });
    expect(client.started.slice(1)).toEqual([
      { name: 'CheckVaultAccess', id, input: { vault: 'contoso-kv' } },
      {
        name: 'CheckVaultAccess',
        id: 'access-contoso-legacy-kv',
        input: { vault: 'contoso-legacy-kv' },
      },
    ]);
    await expect(arrivals.close('contoso-kv', 1)).resolves.toBe(false);
    await expect(arrivals.close('contoso-kv', 2)).resolves.toBe(true);
    client.set(id, 'Completed');
    await expect(requestVaultCheck(ports, 'contoso-kv')).resolves.toEqual({ id, started: true });
  });

  test('says which check does not end', async () => {
    const client = makeFakeDurableClient();
    const arrivals = makeVaultArrivals(makeMemoryTable(), now);
    await requestVaultCheck({ client, arrivals, now }, 'contoso-kv');
    await arrivals.close('contoso-kv', 'last');
    const answer = requestVaultCheck({ client, arrivals, now }, 'contoso-kv').catch(
      (error: unknown) => error,
    );
    await jest.advanceTimersByTimeAsync(30_000);
    expect(await answer).toMatchObject({
      problem: {
        message:
          'The last check of the access to contoso-kv has finished its work and does not end.',
      },
    });
  });
});

describe('The id of a sync', () => {
  test('fits the engine and belongs to one source, whatever its name', () => {
    fc.assert(
      fc.property(anySource, anySource, (one, another) => {
        expect(syncInstanceId(one)).toMatch(/^sync-[0-9a-f]{20}$/);
        const same = one.vault === another.vault && one.name === another.name;
        expect(syncInstanceId(one) === syncInstanceId(another)).toBe(same);
      }),
    );
    expect(syncInstanceId(SOURCE)).not.toBe(syncInstanceId(OTHER_SOURCE));
  });

  test('is the same in every release, since instances live longer than the app', () => {
    expect(syncInstanceId(SOURCE)).toBe('sync-42b17761df0f8fd0e086');
  });
});

test('The status of an instance that does not exist is nothing', async () => {
  await expect(findStatus(makeFakeDurableClient(), ID)).resolves.toBeUndefined();
});
