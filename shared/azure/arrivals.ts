import * as z from 'zod';
import { requestedBySchema } from './history.ts';
import { sourcePartition } from './ledger.ts';
import type { DocumentTable, StoredRow } from './tables.ts';
import { TransientError } from '../domain/errors.ts';
import type { Arrivals } from '../domain/ports.ts';
import { formatSource, type Source } from '../domain/source.ts';

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

/**
 * Arrivals in table storage, one row a source. Every write compares the row's ETag: an arrival and
 * a close can never pass each other unseen.
 */
export function makeArrivals(
  table: Pick<DocumentTable, 'get' | 'add' | 'replace'>,
  now: () => Date,
): Arrivals {
  const read = async (source: Source): Promise<[State, StoredRow | undefined]> => {
    const row = await table.get(sourcePartition(source), KEY);
    return [row === undefined ? NONE : stateSchema.parse(row.document), row];
  };

  /** Applies a change to the row as it stands, again and again until nobody came between. */
  const change = async <Result>(
    source: Source,
    decide: (state: State) => { readonly next: State | undefined; readonly result: Result },
  ): Promise<Result> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const [state, row] = await read(source);
      const { next, result } = decide(state);
      if (next === undefined) return result;
      const partition = sourcePartition(source);
      const written =
        row === undefined
          ? await table.add({ partition, key: KEY, document: next })
          : await table.replace({ ...row, document: next });
      if (written) return result;
    }
    throw new TransientError({
      code: 'AZURE_UNAVAILABLE',
      message: `Too much arrives at once for ${formatSource(source)}.`,
      resource: formatSource(source),
      cure: 'Nothing to do: it is delivered again.',
    });
  };

  return {
    arrive: (source, fresh, by) =>
      change(source, (state) => {
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

    read: async (source) => (await read(source))[0],

    close: (source, answered) =>
      change(source, (state) => {
        const number = answered === 'last' ? state.number : answered;
        // Closing twice is the same as closing once; an activity may run again.
        if (state.number > number) return { next: undefined, result: false };
        return { next: { ...state, closed: number }, result: true };
      }),
  };
}
