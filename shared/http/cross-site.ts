/** Whether a change was asked for by a page of another site (OWASP, Cross-Site Request Forgery Prevention). */
import type { HttpRequest } from '@azure/functions';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Where the platform, or a proxy in front, keeps the host that the browser asked for. */
const HOST_HEADERS = ['host', 'x-forwarded-host', 'x-original-host', 'disguised-host'];

/**
 * A browser says where a request comes from, and a page cannot change that: `Sec-Fetch-Site`, or in
 * older browsers `Origin`. A change is taken from pages of this app's own origin and from whoever
 * is no browser and says neither. Reading is free: no page can see the answer of another origin.
 *
 * A host header that a page sends along needs the preflight that this app never answers, so it
 * cannot be used to pretend.
 */
export function isCrossSite({
  method,
  url,
  headers,
}: Pick<HttpRequest, 'method' | 'url' | 'headers'>): boolean {
  if (SAFE_METHODS.has(method.toUpperCase())) return false;
  const site = headers.get('sec-fetch-site');
  // `none`: the person did it, with the address bar or a bookmark.
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = headers.get('origin');
  if (origin === null) return false;
  const asking = URL.parse(origin)?.host;
  const own = [URL.parse(url)?.host, ...HOST_HEADERS.map((name) => headers.get(name))];
  return asking === undefined || asking === '' || !own.includes(asking);
}
