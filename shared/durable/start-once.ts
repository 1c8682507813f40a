/**
 * Starts a sync for a source unless one is there that will look again.
 *
 * Every arrival counts up a number in the ledger's storage, and a sync, as its last act, closes
 * itself only if nothing arrived since it looked. Both writes compare the row's ETag, so an arrival
 * is either seen by the running sync or finds it closed and starts the next one: none is lost, and
 * twenty at once start one.
 */
import type { DurableClient } from 'durable-functions';
import { SYNC_CERTIFICATE, type SyncInput } from '../contracts/sync.ts';
import { TransientError } from '../domain/errors.ts';
import type { Arrivals } from '../domain/ports.ts';
import type { RequestedBy } from '../domain/requested-by.ts';
import { formatSource, type Source } from '../domain/source.ts';
import { syncInstanceId } from './instance-id.ts';

export interface StartOnce {
  readonly client: Pick<DurableClient, 'getStatus' | 'startNew'>;
  readonly arrivals: Arrivals;
  readonly now: () => Date;
}

/** An opener that has not started its sync after this long is taken to have died. */
const OPENING_TAKES_AT_MOST_MS = 5_000;
/** How long a sync that has closed itself may take to end. */
const ENDING_TAKES_AT_MOST_MS = 20_000;

/**
 * @param fresh true = the sync reads every target anew instead of trusting the ledger
 * @param by who asks, when it is somebody; the sync's entry in the history names them
 * @returns the operation's id, and whether this arrival started it
 * Thrown when a sync that has closed itself does not end: TransientError (ask again).
 */
export async function requestSync(
  { client, arrivals, now }: StartOnce,
  source: Source,
  { fresh, by }: { readonly fresh: boolean; readonly by?: RequestedBy },
): Promise<{ readonly id: string; readonly started: boolean }> {
  const id = syncInstanceId(source);
  const arrival = await arrivals.arrive(source, fresh, by);
  const arrivedAt = now().getTime();
  for (let pause = 20; ; pause = Math.min(pause * 2, 1_000)) {
    const running = await isRunning(client, id);
    const at = now().getTime();
    if (arrival.desk === 'open') {
      // Somebody else opened: the sync that runs, or is about to, will see this arrival.
      if (running) return { id, started: false };
      if (at - Date.parse(arrival.openedAt) > OPENING_TAKES_AT_MOST_MS) break;
    } else {
      if (!running) break;
      if (at - arrivedAt > ENDING_TAKES_AT_MOST_MS) throw doesNotEnd(source, id);
    }
    if ((await arrivals.read(source)).closed >= arrival.number) return { id, started: false };
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  await client.startNew(SYNC_CERTIFICATE, {
    instanceId: id,
    input: { source } satisfies SyncInput,
  });
  return { id, started: true };
}

function doesNotEnd(source: Source, id: string): TransientError {
  return new TransientError({
    code: 'SYNC_FAILED',
    message: `The last sync of ${formatSource(source)} has finished its work and does not end.`,
    resource: formatSource(source),
    cure: `Ask again; if it stays so, terminate the instance ${id}.`,
  });
}

type StatusReader = Pick<DurableClient, 'getStatus'>;

const LIVE = new Set(['Running', 'Pending', 'ContinuedAsNew', 'Suspended']);

async function isRunning(client: StatusReader, id: string): Promise<boolean> {
  const status = await findStatus(client, id);
  return status !== undefined && LIVE.has(status.runtimeStatus);
}

/** The status of an instance; undefined when there is none. */
export async function findStatus(
  client: StatusReader,
  id: string,
): Promise<Awaited<ReturnType<DurableClient['getStatus']>> | undefined> {
  try {
    return await client.getStatus(id);
  } catch (error) {
    // The library has no other sign for "no such instance" (durable-functions 3.5.0).
    if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
    throw error;
  }
}
