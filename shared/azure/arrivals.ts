/**
 * What asks for a sync, an update, or somebody to be told, in table storage.
 *
 * | partition              | key        | document |
 * | ---------------------- | ---------- | -------- |
 * | `source\|{vault}\|{name}` | `arrivals` | State    |
 * | `vault\|{vault}`       | `arrivals` | State    |
 * | `ca\|{service}`        | `arrivals` | State    |
 * | `notify\|{place}`      | `arrivals` | State    |
 */
import * as z from 'zod';
import { caPartition } from './ca-ledger.ts';
import { requestedBySchema } from './history.ts';
import { sourcePartition } from './ledger.ts';
import { notifyPartition } from './notify-ledger.ts';
import { encodeKey, type DocumentTable, type StoredRow } from './tables.ts';
import { TransientError } from '../domain/errors.ts';
import type { Arrivals } from '../domain/arrival-ports.ts';
import { formatSource } from '../domain/source.ts';

const KEY = 'arrivals';
/** Under this many writers at once somebody always gets through; each loser tries again. */
const MOST_TRIES = 60;

const stateSchema = z.object({
  number: z.int().min(0),
  freshAt: z.int().min(0),
  closed: z.int().min(0),
  openedAt: z.string(),
  asker: z.object({ number: z.int(), by: requestedBySchema }).exactOptional(),
});
type State = z.infer<typeof stateSchema>;

const NONE: State = { number: 0, freshAt: 0, closed: 0, openedAt: '' };

type ArrivalsTable = Pick<DocumentTable, 'get' | 'add' | 'replace'>;

/** Arrivals for sources: what asks for a sync. */
export function makeArrivals(table: ArrivalsTable, now: () => Date): Arrivals {
  return makeDesk(table, now, { partition: sourcePartition, name: formatSource });
}

/** Arrivals for vaults: what asks for a check of who may read them. */
export function makeVaultArrivals(table: ArrivalsTable, now: () => Date): Arrivals<string> {
  return makeDesk(table, now, {
    partition: (vault) => `vault|${encodeKey(vault)}`,
    name: (vault) => vault,
  });
}

/** Arrivals for services: what asks for an update of their CA certificates. */
export function makeCaArrivals(table: ArrivalsTable, now: () => Date): Arrivals<string> {
  return makeDesk(table, now, { partition: caPartition, name: (service) => service });
}

/** Arrivals for places: what asks for somebody to be told. */
export function makePlaceArrivals(table: ArrivalsTable, now: () => Date): Arrivals<string> {
  return makeDesk(table, now, { partition: notifyPartition, name: (place) => place });
}

/**
 * Arrivals in table storage, one row for each source, vault, service or place. Every write compares the row's ETag:
 * an arrival and a close can never pass each other unseen.
 */
function makeDesk<Of>(
  table: ArrivalsTable,
  now: () => Date,
  place: { readonly partition: (of: Of) => string; readonly name: (of: Of) => string },
): Arrivals<Of> {
  const read = async (of: Of): Promise<[State, StoredRow | undefined]> => {
    const row = await table.get(place.partition(of), KEY);
    return [row === undefined ? NONE : stateSchema.parse(row.document), row];
  };

  /** Applies a change to the row as it stands, again and again until nobody came between. */
  const change = async <Result>(
    of: Of,
    decide: (state: State) => { readonly next: State | undefined; readonly result: Result },
  ): Promise<Result> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const [state, row] = await read(of);
      const { next, result } = decide(state);
      if (next === undefined) return result;
      const partition = place.partition(of);
      const written =
        row === undefined
          ? await table.add({ partition, key: KEY, document: next })
          : await table.replace({ ...row, document: next });
      if (written) return result;
    }
    throw new TransientError({
      code: 'AZURE_UNAVAILABLE',
      message: `Too much arrives at once for ${place.name(of)}.`,
      resource: place.name(of),
      cure: 'Nothing to do: it is delivered again.',
    });
  };

  return {
    arrive: (of, fresh, by) =>
      change(of, (state) => {
        const number = state.number + 1;
        const open = state.number > state.closed;
        const openedAt = open ? state.openedAt : now().toISOString();
        return {
          next: {
            ...state,
            number,
            freshAt: fresh ? number : state.freshAt,
            openedAt,
            ...(by === undefined ? {} : { asker: { number, by } }),
          },
          result: open ? { number, desk: 'open', openedAt } : { number, desk: 'closed' },
        };
      }),

    read: async (of) => (await read(of))[0],

    close: (of, answered) =>
      change(of, (state) => {
        const number = answered === 'last' ? state.number : answered;
        // Closing twice is the same as closing once; an activity may run again.
        if (state.number > number) return { next: undefined, result: false };
        return { next: { ...state, closed: number }, result: true };
      }),
  };
}
