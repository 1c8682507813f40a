/** Lists that are answered page by page. */
import * as z from 'zod';
import { toNextPage } from './next-page.ts';

/** How many a page holds: unless it says otherwise, and at most. */
export interface PageLimit {
  readonly usual: number;
  readonly most: number;
}

/** `limit` in a query. */
export function limitSchema({ usual, most }: PageLimit) {
  const error = `must be a whole number from 1 to ${most}`;
  return z
    .string()
    .regex(/^\d{1,3}$/, { error })
    .transform(Number)
    .pipe(z.int().min(1, { error }).max(most, { error }))
    .exactOptional()
    .describe(`How many at most, ${usual} unless said otherwise`);
}

/**
 * One page of what passes, and no more read than that takes.
 * @param path of the list, with its leading slash
 * @param page.cursorOf where a page ends whose last one this is
 */
export async function takePage<One>(
  all: AsyncIterable<One>,
  page: {
    readonly path: string;
    readonly url: string;
    readonly limit: number;
    readonly passes: (one: One) => boolean;
    readonly cursorOf: (one: One) => string;
  },
): Promise<{ readonly items: readonly One[] } & ReturnType<typeof toNextPage>> {
  const { path, url, limit, passes, cursorOf } = page;
  const found: One[] = [];
  for await (const one of all) {
    if (!passes(one)) continue;
    found.push(one);
    if (found.length > limit) break;
  }
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, ...toNextPage(path, url, last === undefined ? undefined : cursorOf(last)) };
}
