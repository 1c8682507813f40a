/** Who may talk to a server that believes every caller: this machine alone. */
import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Why a request is refused, or undefined when it may pass. Listening on 127.0.0.1 keeps other
 * machines out, but not a web page in a browser on this one: such a page is known by a foreign
 * `Host` (DNS rebinding) or a foreign `Origin`.
 */
export function foreignCaller(headers: IncomingHttpHeaders): string | undefined {
  const host = hostnameOf(`http://${headers.host ?? ''}`);
  if (host === undefined || !LOOPBACK.has(host)) return 'The Host header must name this machine.';
  const { origin } = headers;
  if (origin !== undefined && !LOOPBACK.has(hostnameOf(origin) ?? '')) {
    return 'Requests from web pages of other origins are refused.';
  }
  return undefined;
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
