/**
 * Starts a sync for a source, or a check for a vault, unless one is there that will look again.
 *
 * Every arrival counts up a number in the ledger's storage, and a sync, as its last act, closes
 * itself only if nothing arrived since it looked. Both writes compare the row's ETag, so an arrival
 * is either seen by the running sync or finds it closed and starts the next one: none is lost, and
 * twenty at once start one.
 */
import type { DurableClient } from 'durable-functions';
import { CHECK_VAULT_ACCESS, type VaultAccessInput } from '../contracts/access.ts';
import { UPDATE_CA_STORE, type CaInput } from '../contracts/ca.ts';
import { NOTIFY, type NotifyInput } from '../contracts/notify.ts';
import { SYNC_CERTIFICATE, type SyncInput } from '../contracts/sync.ts';
import { TransientError } from '../domain/errors.ts';
import type { Arrivals } from '../domain/arrival-ports.ts';
import type { RequestedBy } from '../domain/requested-by.ts';
import { formatSource, type Source } from '../domain/source.ts';
import { caUpdateId, notifyId, syncInstanceId, vaultCheckId } from './instance-id.ts';

export interface StartOnce<Of = Source> {
  readonly client: Pick<DurableClient, 'getStatus' | 'startNew'>;
  readonly arrivals: Arrivals<Of>;
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
  ports: StartOnce,
  source: Source,
  wish: { readonly fresh: boolean; readonly by?: RequestedBy },
): Promise<Requested> {
  return await startOnce(ports, wish, {
    of: source,
    id: syncInstanceId(source),
    orchestration: SYNC_CERTIFICATE,
    input: { source } satisfies SyncInput,
    name: `sync of ${formatSource(source)}`,
    resource: formatSource(source),
  });
}

/**
 * Asks for a check of everything that uses a vault's certificates; one runs at a time.
 * @returns the operation's id, and whether this arrival started it
 * Thrown when a check that has closed itself does not end: TransientError (ask again).
 */
export async function requestVaultCheck(
  ports: StartOnce<string>,
  vault: string,
): Promise<Requested> {
  return await startOnce(
    ports,
    { fresh: true },
    {
      of: vault,
      id: vaultCheckId(vault),
      orchestration: CHECK_VAULT_ACCESS,
      input: { vault } satisfies VaultAccessInput,
      name: `check of the access to ${vault}`,
      resource: vault,
    },
  );
}

/**
 * Asks for an update of a service's CA certificates; one runs at a time. What waits was written down
 * before this is called.
 * @returns the operation's id, and whether this arrival started it
 * Thrown when an update that has closed itself does not end: TransientError (ask again).
 */
export async function requestCaUpdate(
  ports: StartOnce<string>,
  service: string,
): Promise<Requested> {
  return await startOnce(
    ports,
    { fresh: true },
    {
      of: service,
      id: caUpdateId(service),
      orchestration: UPDATE_CA_STORE,
      input: { service } satisfies CaInput,
      name: `update of the CA certificates of ${service}`,
      resource: service,
    },
  );
}

/**
 * Asks for a place to be told what is new; one runs at a time. What is new was written down before
 * this is called.
 * @returns the operation's id, and whether this arrival started it
 * Thrown when one that has closed itself does not end: TransientError (ask again).
 */
export async function requestNotify(ports: StartOnce<string>, place: string): Promise<Requested> {
  return await startOnce(
    ports,
    { fresh: true },
    {
      of: place,
      id: notifyId(place),
      orchestration: NOTIFY,
      input: { place } satisfies NotifyInput,
      name: `notification of ${place}`,
      resource: place,
    },
  );
}

/** The operation's id, and whether this arrival started it. */
export interface Requested {
  readonly id: string;
  readonly started: boolean;
}

/** What is started, and what it is for. */
interface Job<Of> {
  readonly of: Of;
  readonly id: string;
  readonly orchestration: string;
  readonly input: unknown;
  /** "sync of contoso-kv/gateway-client": completes "The last …". */
  readonly name: string;
  readonly resource: string;
}

async function startOnce<Of>(
  { client, arrivals, now }: StartOnce<Of>,
  { fresh, by }: { readonly fresh: boolean; readonly by?: RequestedBy },
  job: Job<Of>,
): Promise<Requested> {
  const { id, of, orchestration, input } = job;
  const arrival = await arrivals.arrive(of, fresh, by);
  const arrivedAt = now().getTime();
  for (let pause = 20; ; pause = Math.min(pause * 2, 1_000)) {
    const running = await isLive(client, id);
    const at = now().getTime();
    if (arrival.desk === 'open') {
      // Somebody else opened: the sync that runs, or is about to, will see this arrival.
      if (running) return { id, started: false };
      if (at - Date.parse(arrival.openedAt) > OPENING_TAKES_AT_MOST_MS) break;
    } else {
      if (!running) break;
      if (at - arrivedAt > ENDING_TAKES_AT_MOST_MS) throw doesNotEnd(job);
    }
    if ((await arrivals.read(of)).closed >= arrival.number) return { id, started: false };
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  await client.startNew(orchestration, { instanceId: id, input });
  return { id, started: true };
}

function doesNotEnd({ id, name, resource }: Job<unknown>): TransientError {
  return new TransientError({
    code: 'SYNC_FAILED',
    message: `The last ${name} has finished its work and does not end.`,
    resource,
    cure: `Ask again; if it stays so, terminate the instance ${id}.`,
  });
}

type StatusReader = Pick<DurableClient, 'getStatus'>;

const LIVE = new Set(['Running', 'Pending', 'ContinuedAsNew', 'Suspended']);

/** Whether an instance runs, or is about to. */
export async function isLive(client: StatusReader, id: string): Promise<boolean> {
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
