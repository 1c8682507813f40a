/**
 * What a page of a list says of the next one: for its headers (RFC 8288) and for its body. Its address
 * is that of this page, the function key left out, from another place on.
 * @param path of the list, with its leading slash
 * @param cursor where this page ends; undefined = there is no more
 */
export function toNextPage(
  path: string,
  url: string,
  cursor: string | undefined,
): { readonly headers: { readonly link?: string }; readonly next: { readonly next?: string } } {
  if (cursor === undefined) return { headers: {}, next: {} };
  const { searchParams } = new URL(url);
  searchParams.delete('code');
  searchParams.set('cursor', cursor);
  const next = `${path}?${searchParams.toString()}`;
  return { headers: { link: `<${next}>; rel="next"` }, next: { next } };
}
