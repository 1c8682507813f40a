import type { IncomingMessage } from 'node:http';

/** A request as it came in, made safe to hand on. */
export interface OutsideRequest {
  /** Upper case. */
  readonly method: string;
  readonly url: URL;
  /** Lower-case names; several values of one header joined as in HTTP. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

// Set by the platform's authentication in front of an app; from outside they can only be forged
// (https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities).
const platformHeaders = /^x-ms-(client-principal|token-)/;

/**
 * Limits of Kestrel, which is Azure's and Core Tools' server
 * (https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options).
 */
const LONGEST_ADDRESS = 8 * 1024;
const MOST_HEADERS = 100;

/**
 * Reads the head of a request, or says why it is refused: too much of it, a host name that is not
 * this machine's (a page elsewhere that had its name resolve to 127.0.0.1), a page of another origin,
 * or an address that cannot be read. Headers that only the platform may set are taken out.
 * @param allows other origins whose pages may call
 */
export function readOutsideRequest(
  request: IncomingMessage,
  allows: (origin: string) => boolean,
): OutsideRequest | Refusal {
  if ((request.url ?? '').length > LONGEST_ADDRESS) {
    return { status: 414, message: `The address is longer than ${LONGEST_ADDRESS} bytes.` };
  }
  if (request.rawHeaders.length > MOST_HEADERS * 2) {
    return { status: 431, message: `There are more than ${MOST_HEADERS} headers.` };
  }
  const host = request.headers.host;
  if (host === undefined || !isLoopback(host)) {
    return {
      status: 403,
      message:
        'This host answers to 127.0.0.1, localhost and [::1] only; the Host header says something else.',
    };
  }
  const { origin } = request.headers;
  if (origin !== undefined && !isLoopbackOrigin(origin) && !allows(origin)) {
    return { status: 403, message: 'Pages of other origins may not call this host.' };
  }
  const url = toUrl(request.url ?? '/', host);
  if (url === undefined) return { status: 400, message: 'The address cannot be read.' };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || platformHeaders.test(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { method: (request.method ?? 'GET').toUpperCase(), url, headers };
}

function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i.test(host);
}

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).host);
}

function toUrl(target: string, host: string): URL | undefined {
  // A proxy-style target names a host of its own; only its path counts here.
  const path = /^https?:\/\/[^/]*(\/.*)?$/i.exec(target);
  const own = path === null ? target : (path[1] ?? '/');
  const text = `http://${host}${own}`;
  return own.startsWith('/') && URL.canParse(text) ? new URL(text) : undefined;
}
