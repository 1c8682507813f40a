/** The function key of whoever opened the page with one. It is kept in this page and nowhere else. */
let key: string | undefined;

/** Where the page asks for a key: what is loaded anew begins there, since nobody remembers it. */
const DOOR = '/api/dashboard/open';

/**
 * Takes a key that stands in the dashboard's address off it, before anything else is asked or shown.
 * The links of the page have it too until they are replaced. Where the page stands for another answer
 * that there is not, its address stays as it is: loaded anew, it asks again.
 */
export function takeKeyFromAddress(): void {
  if (!location.pathname.startsWith('/api/dashboard')) return;
  const query = new URLSearchParams(location.search);
  const code = query.get('code');
  if (code === null) return;
  key = code;
  query.delete('code');
  const rest = query.toString();
  history.replaceState(null, '', `${DOOR}${rest === '' ? '' : `?${rest}`}${location.hash}`);
}

export function useKey(given: string): void {
  key = given;
}

export function hasKey(): boolean {
  return key !== undefined;
}

export function keyHeaders(): Readonly<Record<string, string>> {
  return key === undefined ? {} : { 'x-functions-key': key };
}
