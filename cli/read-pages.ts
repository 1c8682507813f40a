import type { Session } from './session.ts';

/** How many one page of the API holds at most, of any list. */
const PAGE = 200;

export interface Page<One> {
  readonly items: readonly One[];
  /** Address of the next page. */
  readonly next?: string | undefined;
}

/**
 * Reads a list page by page: to its end, or until there are as many as are wanted.
 * @param path with its query, without a limit
 * @param read what a page's answer holds
 * @returns `next` = the address of what comes then, if there is more
 */
export async function readPages<One>(
  { api, output }: Session,
  path: string,
  read: (body: unknown) => Page<One>,
  { limit = Infinity }: { readonly limit?: number | undefined } = {},
): Promise<{ readonly items: readonly One[]; readonly next?: string }> {
  const items: One[] = [];
  let address: string | undefined = path;
  while (address !== undefined && items.length < limit) {
    if (items.length > 0) output.progress(`${String(items.length)} so far`);
    const page: Page<One> = read(
      (await api.send({ path: sized(address, limit - items.length) })).body,
    );
    items.push(...page.items);
    address = page.next;
  }
  return { items, ...(address === undefined ? {} : { next: address }) };
}

/** An address below Certkeeper's, with a page of at most so many. */
function sized(address: string, wanted: number): string {
  const url = new URL(address, 'http://certkeeper.invalid');
  url.searchParams.set('limit', String(Math.min(wanted, PAGE)));
  return `${url.pathname}${url.search}`;
}

/** A query of those that are given, with its question mark; empty when there are none. */
export function toQuery(wanted: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(wanted).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const query = new URLSearchParams(given).toString();
  return query === '' ? '' : `?${query}`;
}
